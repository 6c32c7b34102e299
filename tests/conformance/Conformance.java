// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.types.Schema;

/**
 * Kafka's side of the proof.
 *
 * <pre>
 *   generate --out FILE --seed N [--messages N] [--keys 3,10,60]   random messages, and what must become of them
 *   verify --cases FILE --answers FILE                             reads kbridge's answers with Kafka's classes
 *   verify-own --written FILE [--newest yes]                       reads the messages that kbridge writes itself
 *   list                                                           each api key, version and direction of this release
 * </pre>
 */
public final class Conformance {
    private static final String DEFAULT_MESSAGES = "20";

    private Conformance() {}

    public static void main(String[] arguments) throws IOException {
        String command = arguments.length > 0 ? arguments[0] : "";
        Map<String, String> options = options(arguments);
        switch (command) {
            case "generate":
                generate(options);
                break;
            case "verify":
                int right = Verifier.verify(CaseFile.read(Path.of(options.get("--cases"))),
                        CaseFile.readAnswers(Path.of(options.get("--answers"))));
                System.out.println("verify: kafka " + Codec.kafkaVersion() + " reads " + right + " inert answers right");
                break;
            case "verify-own":
                int own = OwnMessages.verify(Path.of(options.get("--written")),
                        options.containsKey("--newest"));
                System.out.println("verify-own: kafka " + Codec.kafkaVersion() + " reads " + own + " messages of kbridge's own");
                break;
            case "list":
                list();
                break;
            default:
                System.err.println("say what to do: generate, verify, verify-own or list, not '" + command + "'");
                System.exit(2);
        }
    }

    private static void generate(Map<String, String> options) throws IOException {
        long seed = Long.parseLong(options.get("--seed"));
        int messages = Integer.parseInt(options.getOrDefault("--messages", DEFAULT_MESSAGES));
        List<String> keys = options.containsKey("--keys") ? Arrays.asList(options.get("--keys").split(",")) : null;
        try (CaseFile out = new CaseFile(Path.of(options.get("--out")), seed, Codec.kafkaVersion())) {
            Generator generator = new Generator(seed, messages, out);
            for (ApiMessageType api : ApiMessageType.values()) {
                if (keys == null || keys.contains(String.valueOf(api.apiKey())))
                    generator.generate(api);
            }
            generator.regressions(keys);
            System.out.println("generate: kafka " + Codec.kafkaVersion() + ", seed " + seed + ", " + out.count()
                    + " cases");
        }
    }

    private static void list() {
        for (ApiMessageType api : ApiMessageType.values()) {
            listVersions(api, "requests", api.requestSchemas());
            listVersions(api, "responses", api.responseSchemas());
        }
    }

    private static void listVersions(ApiMessageType api, String direction, Schema[] schemas) {
        for (int version = 0; version < schemas.length; version++) {
            if (schemas[version] != null)
                System.out.println(api.apiKey() + " " + direction + " " + version);
        }
    }

    private static Map<String, String> options(String[] arguments) {
        Map<String, String> options = new HashMap<>();
        for (int i = 1; i + 1 < arguments.length; i += 2)
            options.put(arguments[i], arguments[i + 1]);
        return options;
    }
}
