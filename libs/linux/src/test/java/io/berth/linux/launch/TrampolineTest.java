package io.berth.linux.launch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.linux.abi.Architecture;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Fd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The machine code against its listing, and the other architecture's under emulation. */
class TrampolineTest {
    private static final long IMAGE_ADDRESS = 0x500000;
    /** Offset of the child's loop: what {@code clone3} would have returned zero into. */
    private static final int AARCH64_CHILD = 0x14;

    @TempDir
    Path directory;

    @Test
    void x86ListingGivesExactlyTheBytes() throws Exception {
        NativeTools.require("as", "objcopy");
        assertSame(assemble("as", "objcopy", TrampolineX86_64.LISTING), TrampolineX86_64.CODE);
        assertSame(
                assemble("as", "objcopy", TrampolineX86_64.STAGE_LISTING + TrampolineX86_64.LISTING),
                join(TrampolineX86_64.STAGE_CODE, TrampolineX86_64.CODE));
        assertSame(
                assemble("as", "objcopy", TrampolineX86_64.JOINING_LISTING + TrampolineX86_64.LISTING),
                join(TrampolineX86_64.JOINING_CODE, TrampolineX86_64.CODE));
    }

    @Test
    void aarch64ListingGivesExactlyTheBytes() throws Exception {
        NativeTools.require("aarch64-linux-gnu-as", "aarch64-linux-gnu-objcopy");
        assertSame(
                assemble("aarch64-linux-gnu-as", "aarch64-linux-gnu-objcopy", TrampolineAarch64.LISTING),
                TrampolineAarch64.CODE);
        assertSame(
                assemble(
                        "aarch64-linux-gnu-as",
                        "aarch64-linux-gnu-objcopy",
                        TrampolineAarch64.STAGE_LISTING + TrampolineAarch64.LISTING),
                join(TrampolineAarch64.STAGE_CODE, TrampolineAarch64.CODE));
        assertSame(
                assemble(
                        "aarch64-linux-gnu-as",
                        "aarch64-linux-gnu-objcopy",
                        TrampolineAarch64.JOINING_LISTING + TrampolineAarch64.LISTING),
                join(TrampolineAarch64.JOINING_CODE, TrampolineAarch64.CODE));
    }

    @Test
    void aarch64ChildWalksTheProgram() throws Exception {
        LaunchProgramBuilder builder = LaunchProgram.builder();
        FdArgument file = builder.call(SyscallNumber.MEMFD_CREATE, Argument.of("test"), Argument.of(0));
        builder.files().write(file, "one result fills several arguments\n");
        builder.call(SyscallNumber.LSEEK, file, Argument.of(0), Argument.of(0));
        builder.tolerating(2).files().chdir("/nowhere/at/all");
        builder.toleratingAll().files().close(FdArgument.number(-1));
        builder.call(SyscallNumber.SENDFILE, FdArgument.number(1), file, Argument.NULL, Argument.of(100));
        builder.process().exit(7);
        assertThat(emulate(builder.build()))
                .isEqualTo(new NativeTools.Outcome(7, "one result fills several arguments\n"));
    }

    @Test
    void aarch64ChildStopsAtAnErrorThatIsNotTolerated() throws Exception {
        LaunchProgramBuilder builder = LaunchProgram.builder();
        builder.files().write(FdArgument.number(1), "before\n");
        builder.tolerating(13).files().chdir("/nowhere/at/all");
        builder.files().write(FdArgument.number(1), "after\n");
        builder.process().exit(0);
        assertThat(emulate(builder.build())).isEqualTo(new NativeTools.Outcome(127, "before\n"));
    }

    @Test
    void aarch64ParentReturnsWhatCloneReturned() throws Exception {
        // A structure of size 0 is refused by every kernel (EINVAL), and qemu has no clone3 at all (ENOSYS).
        assertThat(emulate("""
                    mov     x0, #0
                    mov     x1, #0
                    mov     x2, #0
                    bl      trampoline
                    neg     x0, x0
                    mov     x8, #94
                    svc     #0
                """, new byte[8]).exitCode()).isIn(22, 38);
    }

    @Test
    void aarch64StageReportsAndExits() throws Exception {
        NativeTools.require("qemu-aarch64");
        LaunchProgramBuilder builder = LaunchProgram.builder();
        builder.process().exit(9);
        var stage = new StageExecutable(builder.build(), Architecture.AARCH64);
        byte[] head = stage.head();
        byte[] data = stage.data(LaunchOptions.inSameNamespaces(), 1);
        byte[] file = Arrays.copyOf(head, StageExecutable.DATA_FILE_OFFSET + data.length);
        System.arraycopy(data, 0, file, StageExecutable.DATA_FILE_OFFSET, data.length);
        Path executable = Files.write(directory.resolve("stage"), file);
        assertThat(executable.toFile().setExecutable(true)).isTrue();
        NativeTools.Outcome outcome = NativeTools.run(directory, "qemu-aarch64", "./stage");
        assertThat(outcome.exitCode()).isZero();
        ByteBuffer report =
                ByteBuffer.wrap(outcome.output().getBytes(ISO_8859_1)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(report.capacity()).isEqualTo(stage.reportSize());
        // qemu has no clone3 (ENOSYS); should it get one, it returns the child's pid.
        assertThat(report.getLong(StageExecutable.CLONE_RESULT))
                .satisfiesAnyOf(
                        result -> assertThat(result).isEqualTo(-38),
                        result -> assertThat(result).isPositive());
        assertThat(report.getLong(stage.resultOffset(0))).isEqualTo(ProgramImage.NOT_RUN);
    }

    /** All of a joining stage but what qemu lacks: it refuses CLONE_PARENT (EINVAL). Without it, the process's own list too. */
    @Test
    void aarch64JoiningStageDoesItsListAndMakesTheProcess() throws Exception {
        NativeTools.require("qemu-aarch64");
        LaunchProgramBuilder builder = LaunchProgram.builder();
        builder.files().write(FdArgument.number(1), "stage\n");
        builder.files().closeFrom(3, List.of());
        builder.process().enterPidNamespace();
        builder.files().write(FdArgument.number(1), "process\n");
        builder.process().exit(9);
        var stage = new JoiningStage(builder.build(), Architecture.AARCH64);
        byte[] data = stage.data(5, 6);
        byte[] head = stage.head(data);
        byte[] file = Arrays.copyOf(head, JoiningStage.DATA_FILE_OFFSET + data.length);
        System.arraycopy(data, 0, file, JoiningStage.DATA_FILE_OFFSET, data.length);
        assertThat(emulateJoining(file, stage)).isEqualTo("stage\n");
        ByteBuffer report = report("stage.bin");
        assertThat(report.getLong(JoiningStage.CLONE_RESULT)).isEqualTo(-22);
        assertThat(report.getLong(stage.stageResult(0))).isEqualTo(6);
        assertThat(report("process.bin").getLong(stage.processResult(0))).isEqualTo(ProgramImage.NOT_RUN);

        // mov x0, #0xc011 becomes mov x0, #0x4011
        byte[] flags = HexFormat.of().parseHex("200298d2");
        byte[] own = Trampoline.joiningCode(Architecture.AARCH64);
        int at = head.length
                - Trampoline.code(Architecture.AARCH64).length
                - own.length
                + HexFormat.of().formatHex(own).indexOf("200298d2") / 2;
        assertThat(Arrays.copyOfRange(file, at, at + 4)).isEqualTo(flags);
        System.arraycopy(HexFormat.of().parseHex("200288d2"), 0, file, at, 4);
        assertThat(emulateJoining(file, stage)).isEqualTo("stage\nprocess\n");
        assertThat(report("stage.bin").getLong(JoiningStage.CLONE_RESULT)).isPositive();
        assertThat(report("process.bin").getLong(stage.processResult(0))).isEqualTo(8);
    }

    private String emulateJoining(byte[] file, JoiningStage stage) throws Exception {
        Path executable = Files.write(directory.resolve("stage"), file);
        assertThat(executable.toFile().setExecutable(true)).isTrue();
        Files.write(directory.resolve("stage.bin"), stage.stageFile());
        Files.write(directory.resolve("process.bin"), stage.processFile());
        // The emulator's vfork does not wait: what the process writes has ended when cat has.
        NativeTools.Outcome outcome = NativeTools.run(
                directory,
                "sh",
                "-c",
                "{ qemu-aarch64 ./stage 5<>stage.bin 6<>process.bin; echo $? >status; } | cat; exit $(cat status)");
        assertThat(outcome.exitCode()).isZero();
        return outcome.output();
    }

    private ByteBuffer report(String name) throws Exception {
        return ByteBuffer.wrap(Files.readAllBytes(directory.resolve(name))).order(ByteOrder.LITTLE_ENDIAN);
    }

    private NativeTools.Outcome emulate(LaunchProgram program) throws Exception {
        byte[] image = ProgramImage.of(program, Architecture.AARCH64).encode(IMAGE_ADDRESS);
        return emulate("""
                    ldr     x9, =0x500000
                    adr     x0, trampoline
                    add     x0, x0, #%d
                    br      x0
                """.formatted(AARCH64_CHILD), image);
    }

    /** Runs the start code, which may refer to the trampoline, in a static executable with the image at its address. */
    private NativeTools.Outcome emulate(String start, byte[] image) throws IOException, InterruptedException {
        NativeTools.require("aarch64-linux-gnu-as", "aarch64-linux-gnu-ld", "qemu-aarch64");
        Files.write(directory.resolve("image.bin"), image);
        Files.write(directory.resolve("code.bin"), TrampolineAarch64.CODE);
        Files.writeString(directory.resolve("start.s"), """
                .global _start
                .text
                _start:
                %s
                .ltorg
                .balign 4
                trampoline:
                .incbin "code.bin"
                .section .image, "aw"
                .incbin "image.bin"
                """.formatted(start));
        NativeTools.succeed(directory, "aarch64-linux-gnu-as", "-o", "start.o", "start.s");
        NativeTools.succeed(
                directory,
                "aarch64-linux-gnu-ld",
                "-static",
                "-o",
                "start",
                "--section-start=.image=0x" + Long.toHexString(IMAGE_ADDRESS),
                "start.o");
        return NativeTools.run(directory, "qemu-aarch64", "./start");
    }

    private byte[] assemble(String assembler, String objcopy, String listing) throws Exception {
        Files.writeString(directory.resolve("listing.s"), listing);
        NativeTools.succeed(directory, assembler, "-o", "listing.o", "listing.s");
        NativeTools.succeed(directory, objcopy, "-O", "binary", "-j", ".text", "listing.o", "listing.bin");
        return Files.readAllBytes(directory.resolve("listing.bin"));
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static void assertSame(byte[] assembled, byte[] code) {
        assertThat(HexFormat.of().formatHex(code)).isEqualTo(HexFormat.of().formatHex(assembled));
    }

    static Fd notOpen() {
        Fd fd = Fd.own(9999, "gone");
        assertThat(fd.release()).isEqualTo(9999);
        return fd;
    }
}
