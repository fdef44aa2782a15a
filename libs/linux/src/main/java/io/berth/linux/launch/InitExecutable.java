package io.berth.linux.launch;

import io.berth.linux.FileNameCodec;
import io.berth.linux.abi.Architecture;
import io.berth.linux.elf.ElfExecutable;
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
    private static final long LOAD_ADDRESS = 0x400000;
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
        ByteBuffer all = ByteBuffer.allocate(code.length + parameters.length);
        return ElfExecutable.of(
                architecture, LOAD_ADDRESS, all.put(code).put(parameters).array());
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
}
