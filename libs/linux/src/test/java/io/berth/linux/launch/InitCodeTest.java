package io.berth.linux.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.linux.abi.Architecture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The init's machine code against its listing. */
class InitCodeTest {
    @TempDir
    Path directory;

    @Test
    void x86ListingGivesExactlyTheBytes() throws Exception {
        NativeTools.require("as", "objcopy");
        assertListing("as", "objcopy", InitCode.X86_64_LISTING, Architecture.X86_64);
    }

    @Test
    void aarch64ListingGivesExactlyTheBytes() throws Exception {
        NativeTools.require("aarch64-linux-gnu-as", "aarch64-linux-gnu-objcopy");
        assertListing(
                "aarch64-linux-gnu-as", "aarch64-linux-gnu-objcopy", InitCode.AARCH64_LISTING, Architecture.AARCH64);
    }

    private void assertListing(String assembler, String objcopy, String listing, Architecture architecture)
            throws Exception {
        Files.writeString(directory.resolve("listing.s"), listing);
        NativeTools.succeed(directory, assembler, "-o", "listing.o", "listing.s");
        NativeTools.succeed(directory, objcopy, "-O", "binary", "-j", ".text", "listing.o", "listing.bin");
        assertThat(HexFormat.of().formatHex(InitCode.of(architecture)))
                .isEqualTo(HexFormat.of().formatHex(Files.readAllBytes(directory.resolve("listing.bin"))));
    }
}
