// SPDX-License-Identifier: Apache-2.0
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The file of cases, written here and read by cases.c; all numbers big-endian.
 *
 * <pre>
 *   file:    "KBCASES1" seed:8 (length:2 Kafka version) case*
 *   case:    kind:1 number:4 api key:2 request version:2 wire version:2 limits frame expected facts
 *   limits:  count:2 (api key:2 min:2 max:2)*         what the offer callback leaves of a key; min above max: nothing
 *   frame:   length:4 bytes                           as it comes, its own length prefix included
 *   expected:length:4 bytes                           as it must go on, or as Kafka must read it
 *   facts:   length:4 (see Facts)*                    all values in the frame
 * </pre>
 *
 * The answers of kbridge for the cases of the kind INERT come back as (number:4 length:4 bytes)*.
 */
final class CaseFile implements Closeable {
    static final String MAGIC = "KBCASES1";

    enum Kind {
        /** A request; it is walked. */
        REQUEST('Q'),
        /** A response that must become `expected`. */
        RESPONSE('R'),
        /** A response that Kafka's code must read as `expected`, but for one unknown tag. */
        INERT('I'),
        /** A response that must be refused with a sentence. */
        REFUSED('X');

        final char letter;

        Kind(char letter) {
            this.letter = letter;
        }

        static Kind of(int letter) {
            for (Kind kind : values()) {
                if (kind.letter == letter)
                    return kind;
            }
            throw new IllegalStateException("no kind of case is called " + (char) letter);
        }
    }

    record Limit(short apiKey, short min, short max) {}

    record Case(Kind kind, int number, short apiKey, short requestVersion, short wireVersion, List<Limit> limits,
                byte[] frame, byte[] expected, byte[] facts) {
        @Override
        public String toString() {
            return "case " + number + ", api key " + apiKey + ", version " + wireVersion;
        }
    }

    private final DataOutputStream out;
    private int count;

    CaseFile(Path path, long seed, String kafkaVersion) throws IOException {
        out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(path)));
        out.writeBytes(MAGIC);
        out.writeLong(seed);
        out.writeUTF(kafkaVersion);
    }

    int count() {
        return count;
    }

    void add(Kind kind, int apiKey, int requestVersion, int wireVersion, List<Limit> limits, byte[] frame,
             byte[] expected, byte[] facts) throws IOException {
        out.writeByte(kind.letter);
        out.writeInt(count++);
        out.writeShort(apiKey);
        out.writeShort(requestVersion);
        out.writeShort(wireVersion);
        out.writeShort(limits.size());
        for (Limit limit : limits) {
            out.writeShort(limit.apiKey);
            out.writeShort(limit.min);
            out.writeShort(limit.max);
        }
        for (byte[] bytes : List.of(frame, expected, facts)) {
            out.writeInt(bytes.length);
            out.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    static List<Case> read(Path path) throws IOException {
        List<Case> cases = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(path)))) {
            if (!new String(in.readNBytes(MAGIC.length()), java.nio.charset.StandardCharsets.US_ASCII).equals(MAGIC))
                throw new IOException(path + " is no file of cases");
            in.readLong();
            in.readUTF();
            for (int kind = in.read(); kind >= 0; kind = in.read())
                cases.add(new Case(Kind.of(kind), in.readInt(), in.readShort(), in.readShort(), in.readShort(),
                        readLimits(in), readBytes(in), readBytes(in), readBytes(in)));
        }
        return cases;
    }

    /** What kbridge made of the INERT cases, by the number of the case. */
    static Map<Integer, byte[]> readAnswers(Path path) throws IOException {
        Map<Integer, byte[]> answers = new HashMap<>();
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(path)))) {
            while (true)
                answers.put(in.readInt(), readBytes(in));
        } catch (EOFException end) {
            return answers;
        }
    }

    private static List<Limit> readLimits(DataInputStream in) throws IOException {
        List<Limit> limits = new ArrayList<>();
        for (int left = in.readShort(); left > 0; left--)
            limits.add(new Limit(in.readShort(), in.readShort(), in.readShort()));
        return limits;
    }

    private static byte[] readBytes(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return bytes;
    }
}
