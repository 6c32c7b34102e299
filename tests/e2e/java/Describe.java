// SPDX-License-Identifier: Apache-2.0
// Prints as JSON what an Admin client is told about a cluster, without what changes by itself from one second to the next.
// Every broker's address is an object {id, host, port}, so that a reader can tell addresses from everything else.

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.FeatureMetadata;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.quota.ClientQuotaFilter;

public class Describe {
    private final Admin admin;

    private Describe(Admin admin) {
        this.admin = admin;
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, Object> settings = Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
        try (Admin admin = Admin.create(settings)) {
            ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
            System.out.println(json.writeValueAsString(new Describe(admin).everything()));
        }
    }

    private Map<String, Object> everything() throws Exception {
        Map<String, Object> all = new TreeMap<>();
        all.put("cluster", cluster());
        all.put("topics", topics());
        all.put("offsets", offsets());
        all.put("groups", groups());
        all.put("configs", configs());
        all.put("quorum", quorum());
        all.put("log dirs", logDirs());
        all.put("features", features());
        all.put("quotas", admin.describeClientQuotas(ClientQuotaFilter.all()).entities().get().toString());
        return all;
    }

    private Map<String, Object> cluster() throws Exception {
        DescribeClusterResult cluster =
                admin.describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(true));
        return Map.of(
                "id", cluster.clusterId().get(),
                "controller", address(cluster.controller().get()),
                "nodes", addresses(cluster.nodes().get()),
                "operations", sorted(cluster.authorizedOperations().get()));
    }

    private Map<String, Object> topics() throws Exception {
        Map<String, Object> topics = new TreeMap<>();
        for (TopicDescription topic : descriptions()) {
            topics.put(topic.name(), Map.of(
                    "id", topic.topicId().toString(),
                    "internal", topic.isInternal(),
                    "partitions", topic.partitions().stream().map(Describe::partition).toList()));
        }
        return topics;
    }

    private Collection<TopicDescription> descriptions() throws Exception {
        Collection<String> names = admin.listTopics(new ListTopicsOptions().listInternal(true)).names().get();
        return admin.describeTopics(names).allTopicNames().get().values();
    }

    private static Map<String, Object> partition(TopicPartitionInfo partition) {
        return Map.of(
                "partition", partition.partition(),
                "leader", address(partition.leader()),
                "replicas", addresses(partition.replicas()),
                "in sync", addresses(partition.isr()));
    }

    private Map<String, Object> offsets() throws Exception {
        Map<TopicPartition, OffsetSpec> asked = descriptions().stream()
                .filter(topic -> !topic.isInternal())
                .flatMap(topic -> topic.partitions().stream()
                        .map(partition -> new TopicPartition(topic.name(), partition.partition())))
                .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()));
        Map<String, Object> offsets = new TreeMap<>();
        admin.listOffsets(asked).all().get().forEach((at, found) -> offsets.put(at.toString(), found.offset()));
        return offsets;
    }

    private Map<String, Object> groups() throws Exception {
        List<String> names = admin.listGroups().all().get().stream().map(GroupListing::groupId).toList();
        Map<String, Object> groups = new TreeMap<>();
        for (ConsumerGroupDescription group : admin.describeConsumerGroups(names).all().get().values()) {
            groups.put(group.groupId(), Map.of(
                    "coordinator", address(group.coordinator()),
                    "state", group.groupState().toString(),
                    "type", group.type().toString(),
                    "members", group.members().toString(),
                    "offsets", committed(group.groupId())));
        }
        return groups;
    }

    private Map<String, Object> committed(String group) throws Exception {
        Map<String, Object> offsets = new TreeMap<>();
        admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get()
                .forEach((at, found) -> offsets.put(at.toString(), found.offset()));
        return offsets;
    }

    private Map<String, Object> configs() throws Exception {
        List<ConfigResource> asked = admin.describeCluster().nodes().get().stream()
                .map(node -> new ConfigResource(ConfigResource.Type.BROKER, node.idString()))
                .collect(Collectors.toList());
        descriptions().forEach(topic -> asked.add(new ConfigResource(ConfigResource.Type.TOPIC, topic.name())));
        Map<String, Object> configs = new TreeMap<>();
        admin.describeConfigs(asked).all().get().forEach((resource, config) -> configs.put(
                resource.toString(),
                config.entries().stream().collect(Collectors.toMap(ConfigEntry::name, ConfigEntry::toString))));
        return configs;
    }

    private Map<String, Object> features() throws Exception {
        // Without the epoch, which counts every change of metadata.
        FeatureMetadata features = admin.describeFeatures().featureMetadata().get();
        Map<String, Object> ranges = new TreeMap<>();
        features.supportedFeatures().forEach((feature, range) -> ranges.put(feature + " supported", range.toString()));
        features.finalizedFeatures().forEach((feature, range) -> ranges.put(feature, range.toString()));
        return ranges;
    }

    private Map<String, Object> quorum() throws Exception {
        QuorumInfo quorum = admin.describeMetadataQuorum().quorumInfo().get();
        return Map.of(
                "leader", quorum.leaderId(),
                "epoch", quorum.leaderEpoch(),
                "voters", quorum.voters().stream().map(QuorumInfo.ReplicaState::replicaId).sorted().toList(),
                "controllers", quorum.nodes().toString());
    }

    private Map<String, Object> logDirs() throws Exception {
        List<Integer> brokers = admin.describeCluster().nodes().get().stream().map(Node::id).toList();
        Map<String, Object> logDirs = new TreeMap<>();
        admin.describeLogDirs(brokers).allDescriptions().get().forEach((broker, folders) ->
                folders.forEach((folder, content) -> logDirs.put(broker + " " + folder, sizes(content))));
        return logDirs;
    }

    private static Map<String, Object> sizes(LogDirDescription folder) {
        Map<String, Object> sizes = new TreeMap<>();
        folder.replicaInfos().forEach((partition, replica) -> sizes.put(partition.toString(), replica.size()));
        return sizes;
    }

    private static List<Map<String, Object>> addresses(Collection<Node> nodes) {
        return nodes.stream().sorted((a, b) -> a.id() - b.id()).map(Describe::address).toList();
    }

    private static Map<String, Object> address(Node node) {
        return Map.of("id", node.id(), "host", node.host(), "port", node.port());
    }

    private static List<String> sorted(Collection<?> things) {
        return things.stream().map(Object::toString).sorted().toList();
    }
}
