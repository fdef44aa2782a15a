package io.berth.linux.keeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.linux.abi.Architecture;
import io.berth.linux.launch.NativeTools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The keeper's machine code against its listing, and its structures against the C compiler's. */
class KeeperCodeTest {
    @TempDir
    Path directory;

    @Test
    void x86ListingGivesExactlyTheBytes() throws Exception {
        NativeTools.require("as", "objcopy");
        assertListing("as", "objcopy", KeeperCode.X86_64_LISTING, Architecture.X86_64);
    }

    @Test
    void aarch64ListingGivesExactlyTheBytes() throws Exception {
        NativeTools.require("aarch64-linux-gnu-as", "aarch64-linux-gnu-objcopy");
        assertListing(
                "aarch64-linux-gnu-as", "aarch64-linux-gnu-objcopy", KeeperCode.AARCH64_LISTING, Architecture.AARCH64);
    }

    @Test
    void structuresAreThoseOfTheKernel() throws Exception {
        NativeTools.compareWithC(
                directory,
                List.of("<sys/socket.h>", "<sys/uio.h>"),
                Map.of(
                        "sizeof(struct msghdr)", (long) KeeperSocket.MSGHDR_SIZE,
                        "sizeof(struct cmsghdr)", (long) KeeperSocket.CMSGHDR_SIZE,
                        "sizeof(struct iovec)", (long) KeeperSocket.IOVEC_SIZE,
                        "offsetof(struct msghdr, msg_iov)", 16L,
                        "offsetof(struct msghdr, msg_iovlen)", 24L,
                        "offsetof(struct msghdr, msg_control)", 32L,
                        "offsetof(struct msghdr, msg_controllen)", 40L,
                        "CMSG_SPACE(16 * sizeof(int))", 80L,
                        "SCM_RIGHTS", 1L));
    }

    private void assertListing(String assembler, String objcopy, String listing, Architecture architecture)
            throws Exception {
        Files.writeString(directory.resolve("listing.s"), listing);
        NativeTools.succeed(directory, assembler, "-o", "listing.o", "listing.s");
        NativeTools.succeed(directory, objcopy, "-O", "binary", "-j", ".text", "listing.o", "listing.bin");
        assertThat(HexFormat.of().formatHex(KeeperCode.of(architecture)))
                .isEqualTo(HexFormat.of().formatHex(Files.readAllBytes(directory.resolve("listing.bin"))));
    }
}
