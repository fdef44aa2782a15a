package io.berth.linux.launch;

import io.berth.linux.FileNameCodec;
import io.berth.linux.abi.Architecture;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A launch program as the trampoline reads it: its layout in memory, and its bytes for a given address.
 *
 * <p>It begins with one record of 80 bytes per step, all members 64 bits wide:
 *
 * <pre>
 *  0  system call number
 *  8  arguments 0 to 5
 * 56  first of the places that receive the result, or 0. Each place holds the address of the next one, or 0, until
 *     the result replaces it, so that one result can fill any number of later arguments without a table
 * 64  errors to go on after: bit n for error n modulo 64
 * 72  result, written by the child; {@link #NOT_RUN} before
 * </pre>
 *
 * <p>A list that returns to its caller rather than ending the child ends in a record with the number {@link #END}. What
 * arguments point at follows, each object once and aligned to 8 bytes. A pure function of its arguments, so that it is tested
 * for both architectures on either.
 */
final class ProgramImage {
    static final int RECORD_SIZE = 80;
    /** No system call returns this. */
    static final long NOT_RUN = Long.MIN_VALUE;
    /** The number of the record that ends a list which returns. */
    static final long END = -1;

    private static final int ARGUMENTS = 8;
    private static final int TARGETS = 56;
    private static final int TOLERATED = 64;
    private static final int RESULT = 72;

    private final List<Step> steps;
    private final Architecture architecture;
    private final Map<Object, Integer> offsets = new LinkedHashMap<>();
    private final boolean returns;
    private final int size;

    private ProgramImage(
            List<Step> steps,
            Optional<LaunchProgram.Rendezvous> rendezvous,
            Architecture architecture,
            boolean returns) {
        this.steps = steps;
        this.architecture = architecture;
        this.returns = returns;
        int end = (returns ? steps.size() + 1 : steps.size()) * RECORD_SIZE;
        for (Step step : steps) {
            for (Argument argument : step.arguments()) {
                end = place(argument, end);
            }
            if (step.resultTarget().isPresent()) {
                end = place(step.resultTarget().get(), end);
            }
        }
        if (rendezvous.isPresent()) {
            end = place(rendezvous.get().ready().at(0), end);
            end = place(rendezvous.get().go().at(0), end);
        }
        this.size = end;
    }

    static ProgramImage of(LaunchProgram program, Architecture architecture) {
        return new ProgramImage(program.steps(), program.rendezvous(), architecture, false);
    }

    /** The last part of a program, which ends the child. */
    static ProgramImage ending(List<Step> steps, Architecture architecture) {
        return new ProgramImage(List.copyOf(steps), Optional.empty(), architecture, false);
    }

    /** A list that returns to its caller when all of its steps are done. */
    static ProgramImage returning(List<Step> steps, Architecture architecture) {
        return new ProgramImage(List.copyOf(steps), Optional.empty(), architecture, true);
    }

    /** In bytes, a multiple of 8. */
    int size() {
        return size;
    }

    int resultOffset(int step) {
        return step * RECORD_SIZE + RESULT;
    }

    int offset(Scratch scratch) {
        Integer offset = offsets.get(scratch);
        if (offset == null) {
            throw new IllegalArgumentException("scratch area is not used by the program: " + scratch.name());
        }
        return offset;
    }

    /**
     * The bytes, little-endian, for a program that lies at {@code base}.
     *
     * @throws IllegalStateException when a descriptor that the program names has been closed
     */
    byte[] encode(long base) {
        ByteBuffer image = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        long[] targets = new long[steps.size()];
        // Places in shared memory end their chains, so that they hold zero rather than an address until the result is
        // there: somebody may be waiting for them to change.
        for (int index = 0; index < steps.size(); index++) {
            var target = steps.get(index).resultTarget();
            if (target.isPresent()) {
                targets[index] = base + addressOffset(target.get());
            }
        }
        offsets.forEach((object, offset) -> writeObject(image, base, object, offset, targets));
        for (int index = 0; index < steps.size(); index++) {
            Step step = steps.get(index);
            int record = index * RECORD_SIZE;
            image.putLong(record, step.call().number(architecture));
            for (int i = 0; i < step.arguments().size(); i++) {
                putArgument(image, base, record + ARGUMENTS + i * Long.BYTES, step.argument(i), targets);
            }
            image.putLong(record + TOLERATED, toleratedMask(step));
            image.putLong(record + RESULT, NOT_RUN);
        }
        for (int index = 0; index < steps.size(); index++) {
            image.putLong(index * RECORD_SIZE + TARGETS, targets[index]);
        }
        if (returns) {
            image.putLong(steps.size() * RECORD_SIZE, END);
        }
        return image.array();
    }

    private static long toleratedMask(Step step) {
        long mask = step.toleratesAll() ? -1L : 0;
        for (int errno : step.tolerated()) {
            mask |= 1L << errno; // the shift is modulo 64, as the child's is
        }
        return mask;
    }

    private void putArgument(ByteBuffer image, long base, int slot, Argument argument, long[] targets) {
        switch (argument) {
            case FdArgument.Value(long value) -> image.putLong(slot, value);
            case FdArgument.Open(var fd) -> image.putLong(slot, fd.value());
            case FdArgument.Result(int step, String ignored) -> {
                image.putLong(slot, targets[step]);
                targets[step] = base + slot;
            }
            default -> image.putLong(slot, base + addressOffset(argument));
        }
    }

    private int addressOffset(Argument argument) {
        return argument instanceof Argument.ScratchAddress(Scratch scratch, int offset)
                ? offset(scratch) + offset
                : requireOffset(argument);
    }

    private int requireOffset(Object object) {
        Integer offset = offsets.get(object);
        if (offset == null) {
            throw new IllegalStateException("argument was not laid out: " + object);
        }
        return offset;
    }

    /** Gives the argument a place at {@code end} if it needs one and has none; returns the new end. */
    private int place(Argument argument, int end) {
        return switch (argument) {
            case FdArgument ignored -> end;
            case Argument.Text text -> place(text, FileNameCodec.encode(text.text()).length + 1, end);
            case Argument.Texts(List<String> texts) -> {
                int next = place(argument, (texts.size() + 1) * Long.BYTES, end);
                for (String text : texts) {
                    next = place(new Argument.Text(text), next);
                }
                yield next;
            }
            case Argument.ScratchAddress(Scratch scratch, int ignored) -> place(scratch, scratch.size(), end);
            case Argument.Structure(Blob blob) -> {
                int next = place(argument, blob.size(), end);
                for (Blob.Member member : blob.members()) {
                    next = place(member.value(), next);
                }
                yield next;
            }
        };
    }

    private int place(Object object, int length, int end) {
        if (offsets.putIfAbsent(object, end) != null) {
            return end;
        }
        return Math.addExact(end, length + Long.BYTES - 1) & -Long.BYTES;
    }

    private void writeObject(ByteBuffer image, long base, Object object, int offset, long[] targets) {
        switch (object) {
            case Argument.Text(String text) -> image.put(offset, FileNameCodec.encode(text));
            case Argument.Texts(List<String> texts) -> {
                int slot = offset;
                for (String text : texts) {
                    image.putLong(slot, base + requireOffset(new Argument.Text(text)));
                    slot += Long.BYTES;
                }
            }
            case Argument.Structure(Blob blob) -> {
                image.put(offset, blob.bytes());
                for (Blob.Member member : blob.members()) {
                    putArgument(image, base, offset + member.offset(), member.value(), targets);
                }
            }
            case Scratch ignored -> {
                // zero from the start
            }
            default -> throw new IllegalStateException("no place for " + object);
        }
    }

    @Override
    public String toString() {
        return "ProgramImage[" + steps.size() + " steps, " + size + " bytes, " + architecture + ", objects at "
                + Arrays.toString(offsets.values().toArray()) + "]";
    }
}
