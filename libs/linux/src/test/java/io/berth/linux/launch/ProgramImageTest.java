package io.berth.linux.launch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.abi.Architecture;
import io.berth.linux.abi.SyscallNumber;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProgramImageTest {
    private static final long BASE = 0x7000_0000_1000L;

    private ByteBuffer image(LaunchProgram program, Architecture architecture) {
        return ByteBuffer.wrap(ProgramImage.of(program, architecture).encode(BASE))
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    private static String text(ByteBuffer image, long address) {
        int start = Math.toIntExact(address - BASE);
        int end = start;
        while (image.get(end) != 0) {
            end++;
        }
        byte[] bytes = new byte[end - start];
        image.get(start, bytes);
        return new String(bytes, UTF_8);
    }

    @ParameterizedTest
    @EnumSource(Architecture.class)
    void numbersAreTheArchitectures(Architecture architecture) {
        LaunchProgramBuilder builder = LaunchProgram.builder();
        builder.process().execve("/bin/ü", List.of("a", "", "b"), List.of());
        ByteBuffer image = image(builder.build(), architecture);
        assertThat(image.getLong(0)).isEqualTo(architecture == Architecture.X86_64 ? 59 : 221);
        assertThat(text(image, image.getLong(8))).isEqualTo("/bin/ü");
        int argv = Math.toIntExact(image.getLong(16) - BASE);
        assertThat(text(image, image.getLong(argv))).isEqualTo("a");
        assertThat(text(image, image.getLong(argv + 8))).isEmpty();
        assertThat(text(image, image.getLong(argv + 16))).isEqualTo("b");
        assertThat(image.getLong(argv + 24)).isZero();
        int envp = Math.toIntExact(image.getLong(24) - BASE);
        assertThat(image.getLong(envp)).isZero();
        assertThat(image.getLong(72)).isEqualTo(ProgramImage.NOT_RUN);
    }

    @Test
    void aResultIsChainedThroughAllItsPlaces() {
        LaunchProgramBuilder builder = LaunchProgram.builder();
        FdArgument context = builder.mounts().fsopen("proc", 0);
        builder.mounts().fsconfigCreate(context);
        FdArgument mount = builder.mounts().fsmount(context, 0, 0);
        builder.mounts().mapOwners(mount, 0, context);
        builder.process().exit(0);
        ByteBuffer image = image(builder.build(), Architecture.X86_64);
        List<Long> places = new ArrayList<>();
        for (long place = image.getLong(56); place != 0; place = image.getLong(Math.toIntExact(place - BASE))) {
            places.add(place - BASE);
        }
        long attributes = image.getLong(3 * 80 + 32) - BASE;
        assertThat(places).containsExactlyInAnyOrder(80L + 8, 160L + 8, attributes + 24);
    }

    @Test
    void aWordThatOthersWaitForIsZeroUntilTheResultIsThere() {
        LaunchProgramBuilder builder = LaunchProgram.builder();
        Scratch word = builder.scratch("word", 8);
        FdArgument pid = builder.add(Step.Kind.CALL, "pid", Optional.of(word.at(0)), SyscallNumber.GETPID);
        builder.call(SyscallNumber.CLOSE, pid);
        builder.process().exit(0);
        LaunchProgram program = builder.build();
        ByteBuffer image = image(program, Architecture.X86_64);
        int offset = ProgramImage.of(program, Architecture.X86_64).offset(word);
        assertThat(image.getLong(offset)).isZero();
        assertThat(image.getLong(80 + 8)).isEqualTo(BASE + offset);
        assertThat(image.getLong(56)).isEqualTo(BASE + 80 + 8);
    }

    @Test
    void toleratedErrorsAreBits() {
        LaunchProgramBuilder builder = LaunchProgram.builder();
        builder.tolerating(2, 110).files().chdir("/");
        builder.toleratingAll().files().chdir("/");
        builder.files().chdir("/");
        builder.process().exit(0);
        ByteBuffer image = image(builder.build(), Architecture.X86_64);
        assertThat(image.getLong(64)).isEqualTo(1L << 2 | 1L << (110 - 64));
        assertThat(image.getLong(80 + 64)).isEqualTo(-1);
        assertThat(image.getLong(160 + 64)).isZero();
    }

    @Test
    void nestedStructuresPointAtEachOther() {
        byte[] filter = {6, 0, 0, 0, 0, 0, (byte) 0xff, 0x7f};
        LaunchProgramBuilder builder = LaunchProgram.builder();
        builder.credentials().seccompFilter(filter, 0);
        builder.process().exit(0);
        ByteBuffer image = image(builder.build(), Architecture.X86_64);
        int program = Math.toIntExact(image.getLong(8 + 16) - BASE);
        assertThat(image.getShort(program)).isEqualTo((short) 1);
        byte[] instructions = new byte[8];
        image.get(Math.toIntExact(image.getLong(program + 8) - BASE), instructions);
        assertThat(instructions).isEqualTo(filter);
    }

    @Test
    void equalStringsAreStoredOnce() {
        LaunchProgramBuilder builder = LaunchProgram.builder();
        builder.mounts().mount("proc", "/proc", "proc", 0, null);
        builder.process().exit(0);
        ByteBuffer image = image(builder.build(), Architecture.X86_64);
        assertThat(image.getLong(8)).isEqualTo(image.getLong(8 + 16));
        assertThat(image.getLong(8 + 32)).isZero();
    }

    @Test
    void fileNamesThatAreNotUtf8KeepTheirBytes() {
        LaunchProgramBuilder builder = LaunchProgram.builder();
        builder.files().chdir(io.berth.linux.FileNameCodec.decode(new byte[] {'/', (byte) 0xff, 'x'}));
        builder.process().exit(0);
        ByteBuffer image = image(builder.build(), Architecture.X86_64);
        int path = Math.toIntExact(image.getLong(8) - BASE);
        assertThat(image.get(path + 1)).isEqualTo((byte) 0xff);
        assertThat(image.get(path + 2)).isEqualTo((byte) 'x');
    }

    @Test
    void aClosedDescriptorIsNoticed() {
        LaunchProgramBuilder builder = LaunchProgram.builder();
        builder.files().fchdir(FdArgument.of(TrampolineTest.notOpen()));
        builder.process().exit(0);
        assertThatThrownBy(() -> image(builder.build(), Architecture.X86_64))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("gone");
    }
}
