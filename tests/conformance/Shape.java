// SPDX-License-Identifier: Apache-2.0

/**
 * What a random message looks like as a whole.
 *
 * <p>Apart, because these lines are the list of what every message of every version is tried with. Chances lie
 * between 0 and 1; fewest and most are the elements of an array.
 */
enum Shape {
    //      nulls tags fewest most longTexts records
    DEFAULTS(0.0, 0.0, 0, 0, 0.0, 0),
    EMPTY(0.0, 0.0, 0, 0, 0.0, 0),
    NULLS(1.0, 0.0, 1, 1, 0.0, 0),
    ONE(0.0, 0.3, 1, 1, 0.0, 300),
    TAGGED(0.0, 1.0, 1, 2, 0.0, 300),
    MANY(0.1, 0.2, 2, 30, 0.0, 100),
    LONG(0.0, 0.3, 1, 2, 0.4, 5_000),
    HUGE_RECORDS(0.1, 0.3, 1, 2, 0.0, 100_000),
    RANDOM(0.2, 0.3, 0, 3, 0.02, 1_000),
    /** Of what streams through only. */
    MEBIBYTES(0.0, 0.3, 1, 1, 0.0, 4 << 20);

    /** So many messages have each shape once. */
    static final int TRIED_BY_ALL = RANDOM.ordinal() + 1;

    final double nulls;
    final double tags;
    final int fewest;
    final int most;
    final double longTexts;
    final int mostRecordBytes;

    Shape(double nulls, double tags, int fewest, int most, double longTexts, int mostRecordBytes) {
        this.nulls = nulls;
        this.tags = tags;
        this.fewest = fewest;
        this.most = most;
        this.longTexts = longTexts;
        this.mostRecordBytes = mostRecordBytes;
    }

    /** The shapes in turn, and RANDOM for all further messages. */
    static Shape ofNumber(int number) {
        return number < TRIED_BY_ALL ? values()[number] : RANDOM;
    }
}
