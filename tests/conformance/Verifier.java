// SPDX-License-Identifier: Apache-2.0
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.types.RawTaggedField;

/**
 * Reads what kbridge made of responses with node endpoints, as a client would.
 *
 * <p>Apart from the comparison in C, because here not the bytes are promised but what Kafka's code reads from them:
 * no endpoints, one unknown tag, and all else as it was, in a frame of the same length.
 */
final class Verifier {
    private static final int INERT_TAG = 0x7f;

    private Verifier() {}

    /** The number of answers that were right; throws on the first that is not. */
    static int verify(List<CaseFile.Case> cases, Map<Integer, byte[]> answers) {
        int right = 0;
        for (CaseFile.Case one : cases) {
            if (one.kind() != CaseFile.Kind.INERT)
                continue;
            byte[] answer = answers.get(one.number());
            if (answer == null)
                throw new IllegalStateException(one + ": there is no answer of kbridge for it");
            verify(one, answer);
            right++;
        }
        return right;
    }

    private static void verify(CaseFile.Case one, byte[] answer) {
        if (answer.length != one.frame().length)
            throw new IllegalStateException(one + ": the answer has " + answer.length + " bytes, the frame had "
                    + one.frame().length);
        ApiMessageType api = ApiMessageType.fromApiKey(one.apiKey());
        byte[] read;
        try {
            Codec.Response response = Codec.parse(api, one.wireVersion(), answer);
            dropInertTag(response.body().unknownTaggedFields());
            read = Codec.frame(response.header(), api.responseHeaderVersion(one.wireVersion()), response.body(),
                    one.wireVersion());
        } catch (RuntimeException e) {
            throw new IllegalStateException(one + ": Kafka cannot read what kbridge made of it", e);
        }
        int different = Arrays.mismatch(read, one.expected());
        if (different >= 0)
            throw new IllegalStateException(one + ": Kafka reads another message, which differs from byte "
                    + different + " on\n  read     " + hex(read) + "\n  expected " + hex(one.expected()));
    }

    private static void dropInertTag(List<RawTaggedField> tags) {
        int before = tags.size();
        tags.removeIf(tag -> tag.tag() == INERT_TAG);
        if (tags.size() != before - 1)
            throw new IllegalStateException("it has " + (before - tags.size()) + " tags 0x7f instead of one");
    }

    private static String hex(byte[] bytes) {
        return java.util.HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, 2_000));
    }
}
