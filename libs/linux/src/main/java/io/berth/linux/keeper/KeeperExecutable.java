package io.berth.linux.keeper;

import io.berth.linux.abi.Architecture;
import io.berth.linux.elf.ElfExecutable;

/** {@link KeeperCode} as a static ELF executable of some 320 bytes. A pure function of the architecture. */
final class KeeperExecutable {
    private static final long LOAD_ADDRESS = 0x400000;

    private KeeperExecutable() {}

    static byte[] of(Architecture architecture) {
        return ElfExecutable.of(architecture, LOAD_ADDRESS, KeeperCode.of(architecture));
    }
}
