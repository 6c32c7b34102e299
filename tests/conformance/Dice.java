// SPDX-License-Identifier: Apache-2.0
import java.nio.charset.StandardCharsets;
import java.util.Random;

/**
 * Random values that lie where mistakes lie: at zero, at the ends, and around the lengths at which a varint grows.
 *
 * <p>Apart from Filler, which knows messages: here are numbers and texts only.
 */
final class Dice {
    private static final String[] LETTERS = {"a", "Z", "7", "-", ".", "_", "ß", "é", "漢", "€", "😀"};
    private static final int PLAIN_LETTERS = 6;

    private final Random random;

    Dice(long seed) {
        random = new Random(seed);
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    /** From first to last, both included. */
    int between(int first, int last) {
        return first + random.nextInt(last - first + 1);
    }

    int oneOf(int... values) {
        return values[random.nextInt(values.length)];
    }

    /** Any number of so many bits: small, at one of the ends, or anything. */
    long number(int bits) {
        long any = random.nextLong() >> (64 - bits);
        switch (random.nextInt(8)) {
            case 0:
                return 0;
            case 1:
                return -1;
            case 2:
                return Long.MAX_VALUE >> (64 - bits);
            case 3:
                return Long.MIN_VALUE >> (64 - bits);
            case 4:
                return any;
            default:
                return random.nextInt(100);
        }
    }

    double real() {
        return chance(0.2) ? 0.0 : random.nextGaussian() * 1e6;
    }

    byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** So many bytes of UTF-8. */
    String text(int length) {
        StringBuilder text = new StringBuilder();
        boolean plain = chance(0.6);
        for (int left = length; left > 0; ) {
            String letter = LETTERS[random.nextInt(plain ? PLAIN_LETTERS : LETTERS.length)];
            int size = letter.getBytes(StandardCharsets.UTF_8).length;
            if (size > left)
                continue;
            text.append(letter);
            left -= size;
        }
        return text.toString();
    }
}
