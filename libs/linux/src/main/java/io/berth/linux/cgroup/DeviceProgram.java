package io.berth.linux.cgroup;

import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The device rules of version 2: an eBPF program of type {@code BPF_PROG_TYPE_CGROUP_DEVICE} that the kernel asks before a
 * process of the group makes or opens a device node (cgroup-v2.rst, "Device controller"; struct bpf_cgroup_dev_ctx).
 *
 * <p>Default deny: what no rule allows is refused, so a rule that is missing can only be too strict.
 */
final class DeviceProgram {
    private static final int BPF_PROG_LOAD = 5;
    private static final int BPF_PROG_ATTACH = 8;
    private static final int BPF_PROG_TYPE_CGROUP_DEVICE = 15;
    private static final int BPF_CGROUP_DEVICE = 6;
    private static final int BPF_F_ALLOW_MULTI = 2;
    private static final int LOAD_ATTRIBUTES_SIZE = 48;
    private static final int ATTACH_ATTRIBUTES_SIZE = 16;

    private static final int LOAD_WORD = 0x61;
    private static final int MOVE_REGISTER = 0xbf;
    private static final int MOVE = 0xb7;
    private static final int AND = 0x57;
    private static final int SHIFT_RIGHT = 0x77;
    private static final int JUMP_IF_NOT_EQUAL = 0x55;
    private static final int EXIT = 0x95;

    private static final int JUMP_IF_NOT_EQUAL_REGISTER = 0x5d;

    private static final int TYPE_BLOCK = 1;
    private static final int TYPE_CHARACTER = 2;
    private static final int ACCESS_MKNOD = 1;
    private static final int ACCESS_READ = 2;
    private static final int ACCESS_WRITE = 4;
    private static final int ACCESS_ALL = 7;

    private static final int RESULT = 0;
    private static final int CONTEXT = 1;
    private static final int TYPE = 2;
    private static final int ACCESS = 3;
    private static final int MAJOR = 4;
    private static final int MINOR = 5;

    private DeviceProgram() {}

    /** The program for a policy: eight bytes an instruction, native order. */
    static byte[] of(DevicePolicy policy) {
        List<Long> program = new ArrayList<>();
        program.add(instruction(LOAD_WORD, TYPE, CONTEXT, 0, 0));
        program.add(instruction(MOVE_REGISTER, ACCESS, TYPE, 0, 0));
        program.add(instruction(AND, TYPE, 0, 0, 0xffff));
        program.add(instruction(SHIFT_RIGHT, ACCESS, 0, 0, 16));
        program.add(instruction(LOAD_WORD, MAJOR, CONTEXT, 4, 0));
        program.add(instruction(LOAD_WORD, MINOR, CONTEXT, 8, 0));
        if (policy.rules().stream().anyMatch(DeviceProgram::allowsEverything)) {
            // The kernel refuses programs with instructions that nothing leads to.
            end(program, 1);
        } else {
            policy.rules().forEach(rule -> add(program, rule));
            end(program, 0);
        }
        ByteBuffer bytes = ByteBuffer.allocate(program.size() * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        program.forEach(bytes::putLong);
        return bytes.array();
    }

    /** Ends the program with 1 where the rule allows what is asked for; else the next rule follows. */
    private static void add(List<Long> program, DeviceRule rule) {
        int access = access(rule);
        boolean anyAccess = access == ACCESS_ALL;
        int left = (rule.type() == DeviceRule.Type.ALL ? 0 : 1)
                + (anyAccess ? 0 : 3)
                + (rule.major() == DeviceRule.ANY ? 0 : 1)
                + (rule.minor() == DeviceRule.ANY ? 0 : 1)
                + 2;
        if (rule.type() != DeviceRule.Type.ALL) {
            int type = rule.type() == DeviceRule.Type.BLOCK ? TYPE_BLOCK : TYPE_CHARACTER;
            program.add(instruction(JUMP_IF_NOT_EQUAL, TYPE, 0, --left, type));
        }
        if (!anyAccess) {
            // Allowed when nothing beyond the rule's access is asked for. The context has been read by now.
            program.add(instruction(MOVE_REGISTER, CONTEXT, ACCESS, 0, 0));
            program.add(instruction(AND, CONTEXT, 0, 0, access));
            left -= 3;
            program.add(instruction(JUMP_IF_NOT_EQUAL_REGISTER, CONTEXT, ACCESS, left, 0));
        }
        if (rule.major() != DeviceRule.ANY) {
            program.add(instruction(JUMP_IF_NOT_EQUAL, MAJOR, 0, --left, rule.major()));
        }
        if (rule.minor() != DeviceRule.ANY) {
            program.add(instruction(JUMP_IF_NOT_EQUAL, MINOR, 0, --left, rule.minor()));
        }
        end(program, 1);
    }

    private static boolean allowsEverything(DeviceRule rule) {
        return rule.type() == DeviceRule.Type.ALL
                && rule.major() == DeviceRule.ANY
                && rule.minor() == DeviceRule.ANY
                && access(rule) == ACCESS_ALL;
    }

    private static int access(DeviceRule rule) {
        return (rule.allows('m') ? ACCESS_MKNOD : 0)
                | (rule.allows('r') ? ACCESS_READ : 0)
                | (rule.allows('w') ? ACCESS_WRITE : 0);
    }

    private static void end(List<Long> program, int result) {
        program.add(instruction(MOVE, RESULT, 0, 0, result));
        program.add(instruction(EXIT, 0, 0, 0, 0));
    }

    /** struct bpf_insn: opcode, two registers in one byte, signed 16-bit offset, signed 32-bit immediate. */
    private static long instruction(int opcode, int target, int source, int offset, int immediate) {
        return opcode | (long) (target | source << 4) << 8 | (offset & 0xffffL) << 16 | (immediate & 0xffffffffL) << 32;
    }

    /**
     * Loads the program and attaches it to a group; the kernel keeps it for as long as the group exists.
     *
     * @throws io.berth.linux.SyscallException when the kernel refuses, with {@code bpf} as its call
     */
    static void attach(Fd group, DevicePolicy policy) {
        byte[] program = of(policy);
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int code = buffer.reserve(program.length);
            long license = buffer.addString("Apache-2.0");
            int attributes = buffer.reserve(LOAD_ATTRIBUTES_SIZE);
            ByteBuffer bytes = buffer.bytes();
            bytes.put(code, program);
            for (int i = 0; i < LOAD_ATTRIBUTES_SIZE; i++) {
                bytes.put(attributes + i, (byte) 0);
            }
            bytes.putInt(attributes, BPF_PROG_TYPE_CGROUP_DEVICE);
            bytes.putInt(attributes + 4, program.length / Long.BYTES);
            bytes.putLong(attributes + 8, buffer.address() + code);
            bytes.putLong(attributes + 16, license);
            long loaded = LibC.call(
                    SyscallNumber.BPF,
                    "load the device program",
                    BPF_PROG_LOAD,
                    buffer.address() + attributes,
                    LOAD_ATTRIBUTES_SIZE);
            try (Fd fd = Fd.own((int) loaded, "device program")) {
                bytes.putInt(attributes, group.value());
                bytes.putInt(attributes + 4, fd.value());
                bytes.putInt(attributes + 8, BPF_CGROUP_DEVICE);
                bytes.putInt(attributes + 12, BPF_F_ALLOW_MULTI);
                LibC.call(
                        SyscallNumber.BPF,
                        "attach the device program to " + group.description(),
                        BPF_PROG_ATTACH,
                        buffer.address() + attributes,
                        ATTACH_ATTRIBUTES_SIZE);
            }
        }
    }
}
