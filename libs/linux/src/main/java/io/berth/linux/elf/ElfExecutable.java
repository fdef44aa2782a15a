package io.berth.linux.elf;

import io.berth.linux.abi.Architecture;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A static executable for 64 bits, little-endian (elf(5)): headers and code in one segment that nothing can write to, a stack that
 * is not executable, and data elsewhere in the file if there are any. Execution begins with the first byte of the code. A pure
 * function of its arguments.
 */
public final class ElfExecutable {
    /** The largest page size of either architecture: file offset and address of a segment must agree modulo it. */
    public static final int PAGE = 0x10000;

    private static final int HEADER_SIZE = 64;
    private static final int PROGRAM_HEADER_SIZE = 56;
    private static final short EM_X86_64 = 62;
    private static final short EM_AARCH64 = 183;
    private static final int PT_LOAD = 1;
    private static final int PT_GNU_STACK = 0x6474e551;
    private static final int STACK_ALIGNMENT = 16;
    private static final int EXECUTE = 1;
    private static final int WRITE = 2;
    private static final int READ = 4;
    private static final byte[] IDENTITY = {0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0};

    private ElfExecutable() {}

    /**
     * A segment that can be written to.
     *
     * @param fileOffset a multiple of {@link #PAGE}
     * @param address a multiple of {@link #PAGE}
     * @param fileSize bytes that the file has
     * @param memorySize bytes in memory; what the file does not have is zero
     */
    public record Data(long fileOffset, long address, long fileSize, long memorySize) {}

    /**
     * Without data.
     *
     * @param address of the headers, a multiple of {@link #PAGE}
     * @return the whole file
     */
    public static byte[] of(Architecture architecture, long address, byte[] code) {
        return file(architecture, address, code, null);
    }

    /**
     * With data, which the caller writes to the file.
     *
     * @param address of the headers, a multiple of {@link #PAGE}
     * @return the beginning of the file
     */
    public static byte[] of(Architecture architecture, long address, byte[] code, Data data) {
        return file(architecture, address, code, data);
    }

    private static byte[] file(Architecture architecture, long address, byte[] code, @Nullable Data data) {
        int programHeaders = data == null ? 2 : 3;
        int codeOffset = HEADER_SIZE + programHeaders * PROGRAM_HEADER_SIZE;
        int size = codeOffset + code.length;
        ByteBuffer elf = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        elf.put(IDENTITY);
        elf.putShort((short) 2); // ET_EXEC
        elf.putShort(architecture == Architecture.X86_64 ? EM_X86_64 : EM_AARCH64);
        elf.putInt(1).putLong(address + codeOffset); // version, entry point
        elf.putLong(HEADER_SIZE).putLong(0).putInt(0); // program headers, no sections, no flags
        elf.putShort((short) HEADER_SIZE).putShort((short) PROGRAM_HEADER_SIZE).putShort((short) programHeaders);
        elf.putShort((short) 0).putShort((short) 0).putShort((short) 0);
        segment(elf, PT_LOAD, READ | EXECUTE, new Data(0, address, size, size), PAGE);
        if (data != null) {
            segment(elf, PT_LOAD, READ | WRITE, data, PAGE);
        }
        segment(elf, PT_GNU_STACK, READ | WRITE, new Data(0, 0, 0, 0), STACK_ALIGNMENT);
        return elf.put(code).array();
    }

    private static void segment(ByteBuffer elf, int type, int access, Data data, long alignment) {
        elf.putInt(type).putInt(access).putLong(data.fileOffset);
        elf.putLong(data.address).putLong(data.address); // virtual and physical
        elf.putLong(data.fileSize).putLong(data.memorySize).putLong(alignment);
    }
}
