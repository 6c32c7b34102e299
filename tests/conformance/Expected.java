// SPDX-License-Identifier: Apache-2.0
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.Message;

/**
 * What kbridge has to make of a response, done to Kafka's message object.
 *
 * <p>Apart, because this is kbridge's promise in full: whatever is not changed here must pass as it came. The told
 * address and the limits are the same functions in runs.c.
 */
final class Expected {
    static final int TOLD_PORT = 29_092;
    static final int NODE_TOLD_AS_ADVERTISED = 2; // but for the port
    /** A longer Produce answer streams, as Fetch does; so its endpoints are made inert. */
    static final int LONGEST_PRODUCE_HELD = 1 << 16;

    private static final int CONTROLLERS = 2;

    private Expected() {}

    /** Puts the told address in place of every broker's address that this response carries. */
    static void tellAddresses(ApiMessageType api, short version, Message response) {
        switch (api) {
            case METADATA:
                Fields.elements(response, "brokers").forEach(broker -> tell(broker, "nodeId"));
                break;
            case FIND_COORDINATOR:
                if (version < 4)
                    tell(response, "nodeId");
                else
                    Fields.elements(response, "coordinators").forEach(one -> tell(one, "nodeId"));
                break;
            case PRODUCE:
                if (version >= 10)
                    Fields.elements(response, "nodeEndpoints").forEach(node -> tell(node, "nodeId"));
                break;
            default:
                if (api.name.equals("DescribeCluster") && !describesControllers(response))
                    Fields.elements(response, "brokers").forEach(broker -> tell(broker, "brokerId"));
        }
    }

    /** Without the node endpoints of a response in which kbridge makes them inert; false where there are none. */
    static boolean dropEndpoints(ApiMessageType api, short version, Message response, int frameLength) {
        boolean tail = api.name.equals("ShareFetch") || api.name.equals("ShareAcknowledge");
        boolean tag = api == ApiMessageType.FETCH && version >= 16
                || api == ApiMessageType.PRODUCE && version >= 10 && frameLength > LONGEST_PRODUCE_HELD;
        if (!tail && !tag)
            return false;
        Collection<?> endpoints = Fields.elements(response, "nodeEndpoints");
        if (endpoints.isEmpty())
            return false;
        endpoints.clear();
        if (tail)
            response.unknownTaggedFields().clear(); // they are in the old bytes, which all become one unknown tag
        return true;
    }

    /** Leaves of the offered versions what the limits leave. An answer with an error offers none. */
    static void limitVersions(ApiMessageType api, Message apiVersions, List<CaseFile.Limit> limits) {
        if (api != ApiMessageType.API_VERSIONS || Fields.getInt(apiVersions, "errorCode") != 0)
            return;
        for (Iterator<?> keys = Fields.elements(apiVersions, "apiKeys").iterator(); keys.hasNext(); ) {
            Object key = keys.next();
            for (CaseFile.Limit limit : limits) {
                if (Fields.getInt(key, "apiKey") != limit.apiKey())
                    continue;
                short min = (short) Math.max(Fields.getInt(key, "minVersion"), limit.min());
                short max = (short) Math.min(Fields.getInt(key, "maxVersion"), limit.max());
                if (min > max)
                    keys.remove();
                Fields.set(key, "minVersion", min);
                Fields.set(key, "maxVersion", max);
            }
        }
    }

    private static boolean describesControllers(Message describeCluster) {
        return Fields.find(describeCluster.getClass(), "endpointType") != null
                && Fields.getInt(describeCluster, "endpointType") == CONTROLLERS;
    }

    private static void tell(Object broker, String idName) {
        int node = Fields.getInt(broker, idName);
        String host = (String) Fields.get(broker, "host");
        if (node < 0 || host.isEmpty() || Fields.getInt(broker, "port") <= 0)
            return;
        Fields.set(broker, "host", toldHost(node, host));
        Fields.set(broker, "port", TOLD_PORT);
    }

    /** Shorter, as long as can be, as it was, and around the length at which the varint grows: all by the node id. */
    private static String toldHost(int node, String advertised) {
        switch (node % 4) {
            case 0:
                return "told-" + node;
            case 1:
                return "h".repeat(255);
            case NODE_TOLD_AS_ADVERTISED:
                return advertised;
            default:
                return "x".repeat(120 + node / 4 % 12);
        }
    }
}
