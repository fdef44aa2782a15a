package io.berth.linux.cgroup;

import io.berth.linux.fd.Fd;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import io.berth.linux.jna.SyscallNumber;
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

    private static final int TYPE_CHARACTER = 2;
    private static final int ACCESS_MKNOD = 1;
    private static final int ANY = -1;

    private static final int RESULT = 0;
    private static final int CONTEXT = 1;
    private static final int TYPE = 2;
    private static final int ACCESS = 3;
    private static final int MAJOR = 4;
    private static final int MINOR = 5;

    /** A character device that may be opened. */
    private record Allowed(int major, int minor) {}

    private static final List<Allowed> DEFAULT = List.of(
            new Allowed(1, 3),
            new Allowed(1, 5),
            new Allowed(1, 7),
            new Allowed(1, 8),
            new Allowed(1, 9),
            new Allowed(5, 0),
            new Allowed(5, 2),
            new Allowed(136, ANY));

    private DeviceProgram() {}

    /** The program for {@link DevicePolicy#CONTAINER_DEFAULT}: eight bytes an instruction, native order. */
    static byte[] containerDefault() {
        List<Long> program = new ArrayList<>();
        program.add(instruction(LOAD_WORD, TYPE, CONTEXT, 0, 0));
        program.add(instruction(MOVE_REGISTER, ACCESS, TYPE, 0, 0));
        program.add(instruction(AND, TYPE, 0, 0, 0xffff));
        program.add(instruction(SHIFT_RIGHT, ACCESS, 0, 0, 16));
        program.add(instruction(LOAD_WORD, MAJOR, CONTEXT, 4, 0));
        program.add(instruction(LOAD_WORD, MINOR, CONTEXT, 8, 0));
        // Making a node is harmless by itself; opening it is asked about again.
        program.add(instruction(JUMP_IF_NOT_EQUAL, ACCESS, 0, 2, ACCESS_MKNOD));
        end(program, 1);
        program.add(instruction(JUMP_IF_NOT_EQUAL, TYPE, 0, ruleLength(), TYPE_CHARACTER));
        for (Allowed device : DEFAULT) {
            if (device.minor() == ANY) {
                program.add(instruction(JUMP_IF_NOT_EQUAL, MAJOR, 0, 2, device.major()));
            } else {
                program.add(instruction(JUMP_IF_NOT_EQUAL, MAJOR, 0, 3, device.major()));
                program.add(instruction(JUMP_IF_NOT_EQUAL, MINOR, 0, 2, device.minor()));
            }
            end(program, 1);
        }
        end(program, 0);
        ByteBuffer bytes = ByteBuffer.allocate(program.size() * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        program.forEach(bytes::putLong);
        return bytes.array();
    }

    /** How many instructions the rules take, which other than character devices jump over. */
    private static int ruleLength() {
        return DEFAULT.stream()
                .mapToInt(device -> device.minor() == ANY ? 3 : 4)
                .sum();
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
    static void attach(Fd group) {
        byte[] program = containerDefault();
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
