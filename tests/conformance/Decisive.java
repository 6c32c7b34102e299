// SPDX-License-Identifier: Apache-2.0
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The values of a request by which kbridge decides where it goes, or which it shows: each must be told, as what it is.
 *
 * <p>Apart from Facts, which takes whatever a message has. Written down here once more, and not taken from tables.py, so that a
 * role that got lost there is missed. The names of roles are those of proxy/kafka/roles.h.
 */
final class Decisive {
    /** What brokers and controllers say to each other is never read. */
    private static final Set<Integer> NOT_OF_CLIENTS =
            Set.of(4, 5, 6, 7, 52, 53, 54, 56, 58, 59, 62, 63, 67, 70, 73, 82, 83, 84, 85, 86, 87);

    private static final int HEARTBEAT_WITH_ASSIGNMENT = 68; // what a member owns, not what it asks about

    private static final String TOPICS = "((groups|transactions|markers|dirs)\\.)?(topics|topicdata|topicpartitions|v3andbelowtopics)";

    /** Paths within the request, without underscores. */
    private static final Map<String, Pattern> ROLES = roles(
            "topic", TOPICS + "\\.(name|topic|topicname)|topicnames",
            "topic id", TOPICS + "\\.topicid",
            "partition", TOPICS + "\\.((partitions|partitiondata)\\.(index|partition|partitionindex)|partitions|partitionindex(es)?|partitionid)",
            "leader epoch", "topics\\.partitions\\.currentleaderepoch",
            "group", "(groups\\.)?groupid|groups|groupids|groupsnames",
            "member", "((groups|members)\\.)?memberid",
            "transactional id", "(transactions\\.)?transactionalid|transactionalids|v3andbelowtransactionalid",
            "key", "key|coordinatorkeys",
            "key type", "keytype",
            "resource type", "resources\\.resourcetype",
            "resource", "resources\\.resourcename",
            "session id", "sessionid",
            "session epoch", "(share)?sessionepoch",
            "acks", "acks");

    private Decisive() {}

    static boolean isOfClients(int apiKey) {
        return !NOT_OF_CLIENTS.contains(apiKey);
    }

    /** "topic" for "topics.name"; "" for what decides nothing. */
    static String role(int apiKey, String path) {
        if (!isOfClients(apiKey) || apiKey == HEARTBEAT_WITH_ASSIGNMENT && path.startsWith("topic_partitions"))
            return "";
        String plain = path.replace("_", "").toLowerCase(Locale.ROOT);
        for (Map.Entry<String, Pattern> role : ROLES.entrySet()) {
            if (role.getValue().matcher(plain).matches())
                return role.getKey();
        }
        return "";
    }

    private static Map<String, Pattern> roles(String... namesAndPaths) {
        Map<String, Pattern> roles = new LinkedHashMap<>();
        for (int i = 0; i < namesAndPaths.length; i += 2)
            roles.put(namesAndPaths[i], Pattern.compile(namesAndPaths[i + 1]));
        return roles;
    }
}
