package io.berth.fuzz;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** One input from valid ones: some changes of one of them, now and then nothing but noise. */
final class Mutation {
    /** No input is longer, in bytes. */
    static final int LONGEST = 256 << 10;

    private static final int NOISE_IN = 50;
    private static final int MOST_DOUBLINGS = 14;

    private final SplittableRandom random;
    private final List<byte[]> examples;
    private final List<byte[]> words;

    Mutation(SplittableRandom random, List<byte[]> examples, List<byte[]> words) {
        this.random = random;
        this.examples = examples;
        this.words = words;
    }

    byte[] next() {
        if (random.nextInt(NOISE_IN) == 0) {
            return noise(random.nextInt(200));
        }
        byte[] input = one(examples);
        int changes = 1 << random.nextInt(5);
        for (int i = 0; i < changes; i++) {
            input = changed(input);
        }
        return input.length > LONGEST ? Arrays.copyOf(input, LONGEST) : input;
    }

    private byte[] changed(byte[] input) {
        int at = random.nextInt(input.length + 1);
        int length = random.nextInt(Math.min(input.length - at, 64) + 1);
        return switch (random.nextInt(10)) {
            case 0 -> flipped(input, at);
            case 1 -> spliced(input, at, 1, new byte[] {(byte) random.nextInt(256)});
            case 2 -> spliced(input, at, 0, one(words));
            case 3 -> spliced(input, at, length, one(words));
            case 4 -> without(input, at, length);
            case 5 -> spliced(input, at, 0, Arrays.copyOfRange(input, at, at + length));
            case 6 -> repeated(input, at, length);
            case 7 -> Arrays.copyOf(input, at);
            case 8 -> crossed(input, at);
            default -> spliced(input, at, 0, noise(random.nextInt(8)));
        };
    }

    private byte[] flipped(byte[] input, int at) {
        byte[] flipped = input.clone();
        if (at < input.length) {
            flipped[at] ^= (byte) (1 << random.nextInt(8));
        }
        return flipped;
    }

    /** A piece many times over: depth, length, numbers of elements. */
    private byte[] repeated(byte[] input, int at, int length) {
        // Mostly few: long inputs take long.
        int times = 1 << random.nextInt(random.nextInt(MOST_DOUBLINGS) + 1);
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        for (int i = 0; i < times && many.size() < LONGEST; i++) {
            many.write(input, at, length);
        }
        return spliced(input, at, 0, many.toByteArray());
    }

    /** The beginning of one and the end of another. */
    private byte[] crossed(byte[] input, int at) {
        byte[] other = one(examples);
        int from = random.nextInt(other.length + 1);
        return spliced(input, at, input.length - at, Arrays.copyOfRange(other, from, other.length));
    }

    private byte[] noise(int length) {
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        return noise;
    }

    private byte[] one(List<byte[]> of) {
        return of.get(random.nextInt(of.size()));
    }

    static byte[] without(byte[] input, int at, int length) {
        return spliced(input, at, length, new byte[0]);
    }

    private static byte[] spliced(byte[] input, int at, int length, byte[] piece) {
        int end = Math.min(input.length, at + length);
        ByteArrayOutputStream spliced = new ByteArrayOutputStream(input.length + piece.length);
        spliced.write(input, 0, at);
        spliced.writeBytes(piece);
        spliced.write(input, end, input.length - end);
        return spliced.toByteArray();
    }
}
