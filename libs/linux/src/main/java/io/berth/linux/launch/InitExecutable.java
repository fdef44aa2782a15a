package io.berth.linux.launch;

import io.berth.linux.FileNameCodec;
import io.berth.linux.jna.Architecture;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * {@link InitCode} as a static ELF executable of some 700 bytes, with its parameters behind the code:
 *
 * <pre>
 *  0  number of the descriptor that takes the report
 *  8  set of all signals
 * 16  the process's name, 16 bytes with NUL
 * 32  set of no signals
 * 40  paths to try, each ended by a NUL, all by another
 * </pre>
 *
 * <p>Its first two arguments are its own, the rest is the program's. A pure function of its arguments.
 */
final class InitExecutable {
    private static final int HEADER_SIZE = 64;
    private static final int PROGRAM_HEADER_SIZE = 56;
    private static final int PROGRAM_HEADERS = 2;
    private static final int CODE_OFFSET = HEADER_SIZE + PROGRAM_HEADERS * PROGRAM_HEADER_SIZE;
    private static final long LOAD_ADDRESS = 0x400000;
    private static final long PAGE = 0x10000;
    private static final short EM_X86_64 = 62;
    private static final short EM_AARCH64 = 183;
    private static final int PT_LOAD = 1;
    private static final int PT_GNU_STACK = 0x6474e551;
    private static final int EXECUTE = 1;
    private static final int WRITE = 2;
    private static final int READ = 4;
    private static final int NAME_SIZE = 16;
    private static final int FIXED_PARAMETERS = 40;
    /** As {@code ps} shows it in a container of Docker's with an init. */
    private static final String NAME = "docker-init";

    private InitExecutable() {}

    /**
     * @param report number of the report's descriptor when it is executed
     * @param paths of the program, in the order to try
     */
    static byte[] of(Architecture architecture, int report, List<String> paths) {
        byte[] code = InitCode.of(architecture);
        byte[] parameters = parameters(report, paths);
        int size = CODE_OFFSET + code.length + parameters.length;
        ByteBuffer elf = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        elf.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0}).putLong(0); // 64 bits, little-endian, version 1
        elf.putShort((short) 2); // ET_EXEC
        elf.putShort(architecture == Architecture.X86_64 ? EM_X86_64 : EM_AARCH64);
        elf.putInt(1).putLong(LOAD_ADDRESS + CODE_OFFSET); // entry point
        elf.putLong(HEADER_SIZE).putLong(0).putInt(0); // program headers, no sections, no flags
        elf.putShort((short) HEADER_SIZE).putShort((short) PROGRAM_HEADER_SIZE).putShort((short) PROGRAM_HEADERS);
        elf.putShort((short) 0).putShort((short) 0).putShort((short) 0);
        segment(elf, PT_LOAD, READ | EXECUTE, LOAD_ADDRESS, size, PAGE);
        segment(elf, PT_GNU_STACK, READ | WRITE, 0, 0, 16);
        return elf.put(code).put(parameters).array();
    }

    private static byte[] parameters(int report, List<String> paths) {
        ByteBuffer fixed = ByteBuffer.allocate(FIXED_PARAMETERS).order(ByteOrder.LITTLE_ENDIAN);
        fixed.putLong(report).putLong(-1);
        fixed.put(NAME.getBytes(StandardCharsets.US_ASCII)).position(2 * Long.BYTES + NAME_SIZE);
        fixed.putLong(0);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(fixed.array());
        for (String path : paths) {
            all.writeBytes(FileNameCodec.encode(path));
            all.write(0);
        }
        all.write(0);
        return all.toByteArray();
    }

    private static void segment(ByteBuffer elf, int type, int flags, long address, long size, long alignment) {
        elf.putInt(type).putInt(flags).putLong(0).putLong(address).putLong(address);
        elf.putLong(size).putLong(size).putLong(alignment);
    }
}
