package io.berth.linux.keeper;

import io.berth.linux.jna.Architecture;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** {@link KeeperCode} as a static ELF executable of some 320 bytes. A pure function of the architecture. */
final class KeeperExecutable {
    private static final int HEADER_SIZE = 64;
    private static final int PROGRAM_HEADER_SIZE = 56;
    private static final int PROGRAM_HEADERS = 2;
    private static final int CODE_OFFSET = HEADER_SIZE + PROGRAM_HEADERS * PROGRAM_HEADER_SIZE;
    private static final long LOAD_ADDRESS = 0x400000;
    private static final long PAGE = 0x1000;
    private static final short EM_X86_64 = 62;
    private static final short EM_AARCH64 = 183;
    private static final int PT_LOAD = 1;
    private static final int PT_GNU_STACK = 0x6474e551;
    private static final int EXECUTE = 1;
    private static final int WRITE = 2;
    private static final int READ = 4;

    private KeeperExecutable() {}

    static byte[] of(Architecture architecture) {
        byte[] code = KeeperCode.of(architecture);
        int size = CODE_OFFSET + code.length;
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
        return elf.put(code).array();
    }

    private static void segment(ByteBuffer elf, int type, int flags, long address, long size, long alignment) {
        elf.putInt(type).putInt(flags).putLong(0).putLong(address).putLong(address);
        elf.putLong(size).putLong(size).putLong(alignment);
    }
}
