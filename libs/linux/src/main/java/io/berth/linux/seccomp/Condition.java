package io.berth.linux.seccomp;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A condition on one argument of a call, as profiles have it.
 *
 * @param index 0 to 5
 * @param operator how to compare
 * @param value what with, unsigned; for {@link Operator#MASKED_EQ} the mask
 * @param valueTwo for {@link Operator#MASKED_EQ} what the masked argument must be
 * @param narrow the kernel uses only the lower half of this argument, so only that is compared: else a program could set
 *     a bit in the upper half and pass any value by
 */
record Condition(int index, Operator operator, long value, long valueTwo, boolean narrow) {
    /** Comparisons of libseccomp, all unsigned. */
    enum Operator {
        NE,
        LT,
        LE,
        EQ,
        GE,
        GT,
        MASKED_EQ
    }

    private static final int ARGUMENTS_OFFSET = 16;
    private static final int MAX_INDEX = 5;

    /** @throws IllegalArgumentException when a field is out of range */
    static Condition of(SeccompProfile.Arg arg, boolean narrow) {
        if (arg.index() < 0 || arg.index() > MAX_INDEX) {
            throw new IllegalArgumentException(
                    "seccomp profile: argument index " + arg.index() + " (expected: 0 to 5)");
        }
        Operator operator =
                switch (arg.op()) {
                    case "SCMP_CMP_NE" -> Operator.NE;
                    case "SCMP_CMP_LT" -> Operator.LT;
                    case "SCMP_CMP_LE" -> Operator.LE;
                    case "SCMP_CMP_EQ" -> Operator.EQ;
                    case "SCMP_CMP_GE" -> Operator.GE;
                    case "SCMP_CMP_GT" -> Operator.GT;
                    case "SCMP_CMP_MASKED_EQ" -> Operator.MASKED_EQ;
                    case null, default ->
                        throw new IllegalArgumentException(
                                "seccomp profile: comparison " + arg.op() + " is not supported");
                };
        return new Condition(arg.index(), operator, number(arg.value()), number(arg.valueTwo()), narrow);
    }

    private static long number(@Nullable BigInteger number) {
        if (number == null) {
            return 0;
        }
        if (number.signum() < 0 || number.bitLength() > Long.SIZE) {
            throw new IllegalArgumentException("seccomp profile: value " + number + " (expected: unsigned, 64 bits)");
        }
        return number.longValue();
    }

    /** Whether it holds: the meaning that the compiled form must have. */
    boolean holds(long argument) {
        long a = narrow ? argument & 0xFFFFFFFFL : argument;
        long v = narrow ? value & 0xFFFFFFFFL : value;
        long two = narrow ? valueTwo & 0xFFFFFFFFL : valueTwo;
        int order = Long.compareUnsigned(a, v);
        return switch (operator) {
            case NE -> order != 0;
            case LT -> order < 0;
            case LE -> order <= 0;
            case EQ -> order == 0;
            case GE -> order >= 0;
            case GT -> order > 0;
            case MASKED_EQ -> (a & v) == two;
        };
    }

    /** The comparison as code: goes on after its end when it holds, else to {@link Step#FAIL}. */
    List<Step> compile() {
        List<Step> steps = new ArrayList<>();
        if (!narrow) {
            compileUpperHalf(steps, (int) (value >>> 32), (int) (valueTwo >>> 32));
        }
        compileLowerHalf(steps, (int) value, (int) valueTwo);
        return steps;
    }

    private void compileUpperHalf(List<Step> steps, int half, int halfTwo) {
        steps.add(Step.of(BpfInstruction.load(ARGUMENTS_OFFSET + 8 * index + 4))); // little-endian: upper half second
        switch (operator) {
            case EQ -> steps.add(new Step(BpfInstruction.JUMP_EQUAL, half, Step.NEXT, Step.FAIL));
            case NE -> steps.add(new Step(BpfInstruction.JUMP_EQUAL, half, Step.NEXT, Step.PASS));
            case GT, GE -> {
                steps.add(new Step(BpfInstruction.JUMP_GREATER, half, Step.PASS, Step.NEXT));
                steps.add(new Step(BpfInstruction.JUMP_EQUAL, half, Step.NEXT, Step.FAIL));
            }
            case LT, LE -> {
                steps.add(new Step(BpfInstruction.JUMP_GREATER, half, Step.FAIL, Step.NEXT));
                steps.add(new Step(BpfInstruction.JUMP_EQUAL, half, Step.NEXT, Step.PASS));
            }
            case MASKED_EQ -> {
                steps.add(Step.of(BpfInstruction.and(half)));
                steps.add(new Step(BpfInstruction.JUMP_EQUAL, halfTwo, Step.NEXT, Step.FAIL));
            }
        }
    }

    private void compileLowerHalf(List<Step> steps, int half, int halfTwo) {
        steps.add(Step.of(BpfInstruction.load(ARGUMENTS_OFFSET + 8 * index)));
        switch (operator) {
            case EQ -> steps.add(new Step(BpfInstruction.JUMP_EQUAL, half, Step.PASS, Step.FAIL));
            case NE -> steps.add(new Step(BpfInstruction.JUMP_EQUAL, half, Step.FAIL, Step.PASS));
            case GT -> steps.add(new Step(BpfInstruction.JUMP_GREATER, half, Step.PASS, Step.FAIL));
            case GE -> steps.add(new Step(BpfInstruction.JUMP_GREATER_OR_EQUAL, half, Step.PASS, Step.FAIL));
            case LT -> steps.add(new Step(BpfInstruction.JUMP_GREATER_OR_EQUAL, half, Step.FAIL, Step.PASS));
            case LE -> steps.add(new Step(BpfInstruction.JUMP_GREATER, half, Step.FAIL, Step.PASS));
            case MASKED_EQ -> {
                steps.add(Step.of(BpfInstruction.and(half)));
                steps.add(new Step(BpfInstruction.JUMP_EQUAL, halfTwo, Step.PASS, Step.FAIL));
            }
        }
    }

    /**
     * An instruction whose jumps are not numbers yet.
     *
     * @param code operation
     * @param operand its operand
     * @param ifTrue where to
     * @param ifFalse where to
     */
    record Step(int code, int operand, int ifTrue, int ifFalse) {
        /** The instruction after this one. */
        static final int NEXT = 0;
        /** After the last step of the condition. */
        static final int PASS = 1;
        /** After the last step of the rule. */
        static final int FAIL = 2;

        static Step of(BpfInstruction plain) {
            return new Step(plain.code(), plain.operand(), NEXT, NEXT);
        }
    }
}
