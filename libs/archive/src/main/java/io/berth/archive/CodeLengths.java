package io.berth.archive;

/** The head of a block with codes of its own: the lengths of both, run by run, in a third code (RFC 1951, 3.2.7). For one thread. */
final class CodeLengths {
    private static final int[] ORDER = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    private static final int REPEAT = 16;
    private static final int ZEROS = 17;
    private static final int MANY_ZEROS = 18;
    private static final int MOST_REPEATS = 6;
    private static final int FEW_ZEROS = 10;
    private static final int MOST_ZEROS = 138;

    private final HuffmanCode symbols;
    private final HuffmanCode offsets;
    private final HuffmanCode code = new HuffmanCode(19, 7);
    /** Symbol and, above the fifth bit, its extra value. */
    private final int[] runs;

    private int count;
    private int symbolCount;
    private int offsetCount;
    private int orderCount;

    CodeLengths(HuffmanCode symbols, HuffmanCode offsets) {
        this.symbols = symbols;
        this.offsets = offsets;
        runs = new int[symbols.symbols() + offsets.symbols()];
    }

    void build() {
        symbolCount = symbols.symbolsUsed(257);
        offsetCount = offsets.symbolsUsed(1);
        count = 0;
        int[] often = code.clear();
        int total = symbolCount + offsetCount;
        for (int at = 0; at < total; ) {
            int length = length(at);
            int end = at + 1;
            while (end < total && length(end) == length) {
                end++;
            }
            run(length, end - at);
            at = end;
        }
        for (int i = 0; i < count; i++) {
            often[runs[i] & 31]++;
        }
        code.build();
        orderCount = ORDER.length;
        while (orderCount > 4 && code.length(ORDER[orderCount - 1]) == 0) {
            orderCount--;
        }
    }

    private int length(int at) {
        return at < symbolCount ? symbols.length(at) : offsets.length(at - symbolCount);
    }

    private void run(int length, int times) {
        int left = times;
        if (length == 0) {
            while (left >= 3) {
                int now = Math.min(left, MOST_ZEROS);
                runs[count++] = now <= FEW_ZEROS ? ZEROS | (now - 3) << 5 : MANY_ZEROS | (now - 11) << 5;
                left -= now;
            }
        } else {
            runs[count++] = length;
            left--;
            while (left >= 3) {
                int now = Math.min(left, MOST_REPEATS);
                runs[count++] = REPEAT | (now - 3) << 5;
                left -= now;
            }
        }
        for (; left > 0; left--) {
            runs[count++] = length;
        }
    }

    private static int extra(int symbol) {
        return switch (symbol) {
            case REPEAT -> 2;
            case ZEROS -> 3;
            case MANY_ZEROS -> 7;
            default -> 0;
        };
    }

    /** Of the whole head, with the three bits that begin a block. */
    long bitCount() {
        long bits = 3 + 5 + 5 + 4 + 3L * orderCount + code.bitCount();
        for (int symbol = REPEAT; symbol <= MANY_ZEROS; symbol++) {
            bits += (long) code.count(symbol) * extra(symbol);
        }
        return bits;
    }

    void write(DeflateBits out) {
        out.put((symbolCount - 257) | (offsetCount - 1) << 5 | (orderCount - 4) << 10, 14);
        for (int i = 0; i < orderCount; i++) {
            out.put(code.length(ORDER[i]), 3);
        }
        for (int i = 0; i < count; i++) {
            int symbol = runs[i] & 31;
            out.symbol(code, symbol);
            out.put(runs[i] >>> 5, extra(symbol));
        }
    }
}
