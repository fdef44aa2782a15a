package io.berth.engine.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.error.InvalidParameter;
import io.berth.engine.runtime.MountLaunch;
import io.berth.engine.runtime.MountLaunch.Propagation;
import io.berth.engine.runtime.MountLaunch.ReadOnly;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MountOrderTest {
    private final MountParser parser = new MountParser(_ -> true);

    @Test
    void parentsComeBeforeWhatIsBelow() {
        List<MountLaunch> mounts = MountOrder.of(
                List.of(parser.bind("/s:/a/b/c", ""), parser.bind("/s:/z", ""), parser.bind("/s:/a", "")),
                Map.of("/a/b", ""));
        assertThat(mounts).extracting(MountLaunch::target).containsExactly("/a", "/z", "/a/b", "/a/b/c");
    }

    @Test
    void aTmpfsHidesWhatElseIsAtItsDestination() {
        List<MountLaunch> mounts = MountOrder.of(List.of(parser.bind("/s:/a", "")), Map.of("/a/", "size=1k"));
        assertThat(mounts).singleElement().isInstanceOf(MountLaunch.Tmpfs.class);
    }

    @Test
    void bindsKeepTheirOptions() {
        assertThat(MountOrder.of(List.of(parser.bind("/s:/a:ro,rslave", "")), null))
                .containsExactly(new MountLaunch.Bind(
                        Path.of("/s"), "", "/a", true, ReadOnly.RECURSIVE_IF_POSSIBLE, Propagation.RSLAVE));
        assertThat(MountOrder.of(List.of(parser.bind("/s:/a:ro", "").readOnlyAtTop()), null))
                .containsExactly(
                        new MountLaunch.Bind(Path.of("/s"), "", "/a", true, ReadOnly.TOP, Propagation.RPRIVATE));
    }

    @Test
    void optionsOfTmpfsAreUnderstood() {
        MountLaunch.Tmpfs plain = TmpfsText.parse("/t", "");
        assertThat(plain.flags()).containsExactlyInAnyOrder("noexec", "nosuid", "nodev");
        assertThat(plain.mode()).isEqualTo(01777);
        assertThat(plain.sizeBytes()).isZero();

        MountLaunch.Tmpfs all = TmpfsText.parse("/t", "rw,exec,ro,size=64m,mode=0700,uid=5,size=2k,nr_inodes=9");
        assertThat(all.flags()).containsExactlyInAnyOrder("ro", "nosuid", "nodev");
        assertThat(all.sizeBytes()).isEqualTo(2048);
        assertThat(all.mode()).isEqualTo(0700);
        assertThat(all.options()).containsExactly("uid=5", "nr_inodes=9");

        assertThat(TmpfsText.parse("/t", "size=50%").options()).containsExactly("size=50%");
    }

    @ParameterizedTest
    @ValueSource(strings = {"foo", "foo=bar", "size=big", "mode=9", "size=99999999999999999999g", ","})
    void wrongOptionsOfTmpfsAreRefused(String text) {
        assertThatThrownBy(() -> TmpfsText.parse("/t", text))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageStartingWith("invalid tmpfs option");
    }
}
