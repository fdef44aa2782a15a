package io.berth.engine.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.DockerJson;
import io.berth.docker.container.Mount;
import io.berth.docker.error.InvalidParameter;
import io.berth.engine.mount.MountParser.VolumesFrom;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The cases are those of moby's own tests (daemon/volume/mounts/linux_parser_test.go), and of its messages. */
class MountParserTest {
    private final MountParser parser = new MountParser(Set.of("/tmp")::contains);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/home",
                "/home:/home",
                "/home:/something/else",
                "/with space",
                "/home:/with space",
                "relative:/absolute-path",
                "hostPath:/containerPath:ro",
                "/hostPath:/containerPath:rw",
                "/rw:/ro",
                "/hostPath:/containerPath:shared",
                "/hostPath:/containerPath:rshared",
                "/hostPath:/containerPath:slave",
                "/hostPath:/containerPath:rslave",
                "/hostPath:/containerPath:private",
                "/hostPath:/containerPath:rprivate",
                "/hostPath:/containerPath:ro,shared",
                "/hostPath:/containerPath:ro,slave",
                "/hostPath:/containerPath:ro,z,shared",
                "/hostPath:/containerPath:Z,ro,slave",
                "/hostPath:/containerPath:slave,Z,ro",
                "/hostPath:/containerPath:ro,rshared,Z",
                "/hostPath:/containerPath:ro,Z,rprivate",
                "/hostPath:/containerPath:delegated",
                "name:/x:nocopy"
            })
    void acceptsBinds(String raw) {
        assertThat(parser.bind(raw, "local").destination()).startsWith("/");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|invalid volume specification",
                "./|mount path must be absolute",
                "../|mount path must be absolute",
                "/:../|mount path must be absolute",
                "/:path|mount path must be absolute",
                "/a:\\b|mount path must be absolute",
                "/a:\\b/../../c|mount path must be absolute",
                ":|invalid volume specification",
                "/tmp:|invalid volume specification",
                ":test|invalid volume specification",
                ":/test|invalid volume specification",
                "tmp:|invalid volume specification",
                ":test:|invalid volume specification",
                "::|invalid volume specification",
                ":::|invalid volume specification",
                "/tmp:::|invalid volume specification",
                ":/tmp::|invalid volume specification",
                "/path:rw|invalid volume specification",
                "/path:ro|invalid volume specification",
                "/rw:rw|invalid volume specification",
                "path:ro|invalid volume specification",
                "/path:/path:sw|invalid mode: sw",
                "/path:/path:rwz|invalid mode",
                "/path:/path:ro,rshared,rslave|invalid mode",
                "/path:/path:ro,z,rshared,rslave|invalid mode",
                "/path:shared|invalid volume specification",
                "name:/absolute-path:shared|invalid volume specification",
                "name:/absolute-path:rslave|invalid volume specification",
                "/a:/b:nocopy|field VolumeOptions must not be specified",
                "/a:/|destination can't be '/'",
                "/a:/b/..|destination can't be '/'",
                "/tmp:tmp|invalid volume specification: '/tmp:tmp': invalid mount config for type \"bind\":"
                        + " invalid mount path: 'tmp' mount path must be absolute"
            })
    void refusesBinds(String raw, String message) {
        assertThatThrownBy(() -> parser.bind(raw, "local"))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageContaining(message);
    }

    @Test
    void splitsBinds() {
        ContainerMount plain = parser.bind("/tmp:/tmp1", "");
        assertThat(plain.type()).isEqualTo("bind");
        assertThat(plain.source()).isEqualTo("/tmp");
        assertThat(plain.destination()).isEqualTo("/tmp1");
        assertThat(plain.writable()).isTrue();
        assertThat(plain.propagation()).isEqualTo("rprivate");
        assertThat(plain.mode()).isEmpty();
        assertThat(plain.bind().createSource()).isTrue();

        ContainerMount readOnly = parser.bind("/tmp/../etc/:/tmp2/./x//y:ro,rslave", "");
        assertThat(readOnly.source()).isEqualTo("/etc");
        assertThat(readOnly.destination()).isEqualTo("/tmp2/x/y");
        assertThat(readOnly.writable()).isFalse();
        assertThat(readOnly.propagation()).isEqualTo("rslave");
        assertThat(readOnly.mode()).isEqualTo("ro,rslave");

        ContainerMount named = parser.bind("name:/named2:ro", "external");
        assertThat(named.type()).isEqualTo("volume");
        assertThat(named.name()).isEqualTo("name");
        assertThat(named.driver()).isEqualTo("external");
        assertThat(named.copy()).isTrue();
        assertThat(named.anonymous()).isFalse();
        assertThat(named.propagation()).isEmpty();
        assertThat(parser.bind("name:/x:nocopy", "").copy()).isFalse();
        assertThat(parser.bind("local/name:/tmp:rw", "").name()).isEqualTo("local/name");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'Type':'bind','Source':'/tmp/definitely-no-such-path','Target':'/d'}"
                        + "|invalid mount config for type \"bind\": bind source path does not exist: /tmp/definitely-no-such-path",
                "{'Target':'/d','Type':'invalid'}|invalid mount config for type \"invalid\": mount type unknown",
                "{'Type':'bind','Target':'/d'}|invalid mount config for type \"bind\": field Source must not be empty",
                "{'Type':'bind','Source':'/tmp'}|invalid mount config for type \"bind\": field Target must not be empty",
                "{'Type':'bind','Source':'tmp','Target':'/d'}"
                        + "|invalid mount config for type \"bind\": invalid mount path: 'tmp' mount path must be absolute",
                "{'Type':'bind','Source':'/tmp','Target':'/'}"
                        + "|invalid mount config for type \"bind\": invalid specification: destination can't be '/'",
                "{'Type':'bind','Source':'/tmp','Target':'/d','VolumeOptions':{}}"
                        + "|invalid mount config for type \"bind\": field VolumeOptions must not be specified",
                "{'Type':'bind','Source':'/tmp','Target':'/d','BindOptions':{'Propagation':'odd'}}"
                        + "|invalid mount config for type \"bind\": invalid propagation mode: odd",
                "{'Type':'bind','Source':'/tmp','Target':'/d','BindOptions':{'ReadOnlyForceRecursive':true}}"
                        + "|mount options conflict: !ReadOnly && BindOptions.ReadOnlyForceRecursive",
                "{'Type':'volume','Target':'/d','VolumeOptions':{'Subpath':'a'}}"
                        + "|invalid mount config for type \"volume\": must not set Subpath when using anonymous volumes",
                "{'Type':'volume','Source':'v1','Target':'/d','VolumeOptions':{'Subpath':'../a'}}"
                        + "|invalid mount config for type \"volume\": subpath must be a relative path within the volume",
                "{'Type':'volume','Source':'v1','Target':'/d','BindOptions':{}}"
                        + "|invalid mount config for type \"volume\": field BindOptions must not be specified",
                "{'Type':'tmpfs','Source':'x','Target':'/d'}"
                        + "|invalid mount config for type \"tmpfs\": field Source must not be specified",
                "{'Type':'tmpfs','Target':'/d','TmpfsOptions':{'Options':[['INVALID']]}}"
                        + "|invalid mount config for type \"tmpfs\": invalid option: INVALID",
                "{'Type':'image','Target':'/d'}|invalid mount config for type \"image\": field Source must not be empty",
            })
    void refusesMounts(String json, String message) {
        assertThatThrownBy(() -> parser.mount(mount(json)))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageContaining(message);
    }

    @Test
    void readsMounts() {
        ContainerMount anonymous = parser.mount(mount("{'Type':'volume','Target':'/data','ReadOnly':true}"));
        assertThat(anonymous.anonymous()).isTrue();
        assertThat(anonymous.writable()).isFalse();
        assertThat(anonymous.copy()).isTrue();

        ContainerMount made = parser.mount(
                mount("{'Type':'bind','Source':'/none','Target':'/d','BindOptions':{'CreateMountpoint':true}}"));
        assertThat(made.bind().createSource()).isTrue();

        ContainerMount subpath = parser.mount(
                mount("{'Type':'volume','Source':'v1','Target':'/d','VolumeOptions':{'Subpath':'a/b','NoCopy':true}}"));
        assertThat(subpath.subpath()).isEqualTo("a/b");
        assertThat(subpath.copy()).isFalse();

        ContainerMount memory = parser.mount(
                mount(
                        "{'Type':'tmpfs','Target':'/m','ReadOnly':true,'TmpfsOptions':{'SizeBytes':1048576,'Mode':448,'Options':[['exec']]}}"));
        assertThat(memory.tmpfsOptions()).isEqualTo("ro,mode=700,size=1048576,exec");
    }

    @Test
    void readsVolumesFrom() {
        assertThat(MountParser.volumesFrom("other")).isEqualTo(new VolumesFrom("other", true));
        assertThat(MountParser.volumesFrom("other:ro")).isEqualTo(new VolumesFrom("other", false));
        assertThat(MountParser.volumesFrom("other:z")).isEqualTo(new VolumesFrom("other", true));
        for (String wrong : new String[] {"other:rshared", "other:nocopy", "other:x", "other:ro:rw"}) {
            assertThatThrownBy(() -> MountParser.volumesFrom(wrong)).hasMessageStartingWith("invalid mode: ");
        }
        assertThatThrownBy(() -> MountParser.volumesFrom(""))
                .hasMessage("volumes-from specification cannot be an empty string");
    }

    private static Mount mount(String json) {
        return DockerJson.MAPPER.readValue(json.replace('\'', '"'), Mount.class);
    }
}
