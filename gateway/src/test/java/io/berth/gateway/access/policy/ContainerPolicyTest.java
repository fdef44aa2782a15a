package io.berth.gateway.access.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.error.InvalidParameter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** What a developer may ask of a container, decided on the bytes of the request. */
class ContainerPolicyTest {
    private static ObjectNode parse(String json) {
        return StrictJson.object(ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8)));
    }

    private static List<Reference> check(String json) {
        return new ContainerPolicy("shop", Policy.STRICTEST).create(parse(json));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HostConfig.Binds            | {'Binds':['/:/host']}",
                "HostConfig.Binds            | {'Binds':['/var/run/docker.sock:/s:ro']}",
                "HostConfig.Binds            | {'Binds':['./here:/x']}",
                "HostConfig.Binds            | {'Binds':['~/here:/x']}",
                "HostConfig.Binds            | {'Binds':'/:/host'}",
                "HostConfig.Binds            | {'bInDs':['/:/host']}",
                "HostConfig.Mounts           | {'Mounts':[{'Type':'bind','Source':'/','Target':'/host'}]}",
                "HostConfig.Mounts           | {'Mounts':{'Type':'bind','Source':'/','Target':'/host'}}",
                "HostConfig.Mounts           | {'MOUNTS':[{'tYPE':'bind','SOURCE':'/','target':'/host'}]}",
                "HostConfig.Mounts.Type      | {'Mounts':[{'Type':'npipe','Source':'x','Target':'/host'}]}",
                "HostConfig.Mounts.Type      | {'Mounts':[{'Type':'Bind','Source':'/','Target':'/host'}]}",
                "HostConfig.Mounts.VolumeOptions.DriverConfig | {'Mounts':[{'Type':'volume','Source':'v','Target':'/v','VolumeOptions':{'DriverConfig':{'Options':{'device':'/'}}}}]}",
                "HostConfig.Mounts.VolumeOptions.DriverConfig | {'Mounts':[{'Type':'volume','Source':'v','Target':'/v','VolumeOptions':{'DriverConfig':{'Name':'nfs'}}}]}",
                "HostConfig.VolumeDriver     | {'VolumeDriver':'nfs'}",
                "HostConfig.Privileged       | {'Privileged':true}",
                "HostConfig.Privileged       | {'Privileged':'true'}",
                "HostConfig.Privileged       | {'privileged':1}",
                "HostConfig.NetworkMode      | {'NetworkMode':'host'}",
                "HostConfig.PidMode          | {'PidMode':'host'}",
                "HostConfig.IpcMode          | {'IpcMode':'host'}",
                "HostConfig.UTSMode          | {'UTSMode':'host'}",
                "HostConfig.UsernsMode       | {'UsernsMode':'host'}",
                "HostConfig.CgroupnsMode     | {'CgroupnsMode':'host'}",
                "HostConfig.CgroupParent     | {'CgroupParent':'/system.slice'}",
                "HostConfig.Devices          | {'Devices':[{'PathOnHost':'/dev/sda'}]}",
                "HostConfig.DeviceRequests   | {'DeviceRequests':[{'Count':-1}]}",
                "HostConfig.DeviceCgroupRules| {'DeviceCgroupRules':['a *:* rwm']}",
                "HostConfig.CapAdd           | {'CapAdd':['SYS_ADMIN']}",
                "HostConfig.CapAdd           | {'CapAdd':'ALL'}",
                "HostConfig.SecurityOpt      | {'SecurityOpt':['seccomp=unconfined']}",
                "HostConfig.SecurityOpt      | {'SecurityOpt':['apparmor:unconfined']}",
                "HostConfig.SecurityOpt      | {'SecurityOpt':['systempaths=unconfined']}",
                "HostConfig.SecurityOpt      | {'SecurityOpt':['no-new-privileges:false']}",
                "HostConfig.Sysctls          | {'Sysctls':{'kernel.core_pattern':'/x'}}",
                "HostConfig.MaskedPaths      | {'MaskedPaths':[]}",
                "HostConfig.ReadonlyPaths    | {'ReadonlyPaths':[]}",
                "HostConfig.OomScoreAdj      | {'OomScoreAdj':-1000}",
                "HostConfig.Runtime          | {'Runtime':'kata'}",
                "HostConfig.LogConfig.Type   | {'LogConfig':{'Type':'syslog'}}",
                "HostConfig.PortBindings     | {'PortBindings':{'80/tcp':[{'HostPort':'80'}]}}",
                "HostConfig.PortBindings     | {'PortBindings':{'80/tcp':[{'hostport':'1000-2000'}]}}",
                "HostConfig.PortBindings     | {'PortBindings':{'80/tcp':[{'HostPort':'0-2000'}]}}",
                "HostConfig.Annotations      | {'Annotations':{'berth.userns':'host'}}",
                "HostConfig.inventedlater    | {'InventedLater':true}",
                "HostConfig.KernelMemory     | {'KernelMemory':1}",
                "HostConfig.KernelMemory     | {'KernelMemory':92233720368547758071}",
            })
    void isRefusedByName(String field, String host) {
        assertThatThrownBy(() -> check("{'Image':'a','HostConfig':" + host + "}".replace('\'', '"')))
                .as("single quotes are no JSON")
                .isInstanceOf(InvalidParameter.class);
        assertThatThrownBy(() -> check(("{'Image':'a','HostConfig':" + host + "}").replace('\'', '"')))
                .isInstanceOf(Refused.class)
                .hasMessageStartingWith(field.strip());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'Image':'a','HostConfig':{'Privileged':false,'Privileged':true}}",
                "{'Image':'a','HostConfig':{'Privileged':false,'privileged':true}}",
                "{'Image':'a','HostConfig':{},'hostconfig':{'Privileged':true}}",
                "{'Image':'a','HostConfig':{},'HostConfig':{'Privileged':true}}",
                "{'Image':'a','Labels':{'a':'1','a':'2'}}",
                "{'Image':'a'}{'HostConfig':{'Privileged':true}}",
                "{'Image':'a','HostConfig':{'Networ\\u212aMode':'host'}}",
                "{'Image':'a','HostConfig':{'Privileged\\u0000':true}}",
                "{'Image':'a','HostConfig':[{'Privileged':true}]}",
                "{'Image':'a','HostConfig':'x'}",
                "{'Image':'a','HostConfig':{'NetworkMode':['host']}}",
                "{'Image':'a','HostConfig':{'Binds':[['/:/host']]}}",
                "{'Image':['a']}",
                "{'Image':'a','HostConfig':{'Memory':1e999}}",
                "[{'Image':'a'}]",
                "{'Image':'a',}",
                "{'Image':'a'",
                "null"
            })
    void whatCouldBeReadInTwoWaysIsRefused(String json) {
        assertThatThrownBy(() -> check(json.replace('\'', '"'))).isInstanceOf(InvalidParameter.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'io.berth.project':'other'}",
                "{'io.berth.project':null}",
                "{'berth.userns':'host'}",
                "{'io.berth.anything':'x'}"
            })
    void theGatewaysLabelsAreNotTheClients(String labels) {
        assertThatThrownBy(() -> check(("{'Image':'a','Labels':" + labels + "}").replace('\'', '"')))
                .isInstanceOf(Refused.class);
    }

    @Test
    void theProjectsLabelIsSet() {
        ObjectNode body = parse("{\"image\":\"a\",\"LABELS\":{\"x\":\"y\",\"io.berth.on-unhealthy\":\"restart\"}}");
        new ContainerPolicy("shop", Policy.STRICTEST).create(body);
        assertThat(StandardCharsets.UTF_8.decode(StrictJson.bytes(body)).toString())
                .contains("\"Image\":\"a\"", "\"x\":\"y\"", "\"io.berth.project\":\"shop\"")
                .doesNotContain("LABELS");
    }

    @Test
    void whatIsNamedMustBeTheCallers() {
        String host = "{'Binds':['data:/d','/anonymous'],'Mounts':[{'Type':'volume','Source':'more','Target':'/m'},"
                + "{'Type':'image','Source':'b','Target':'/i'}],'VolumesFrom':['c:ro'],'NetworkMode':'net',"
                + "'PidMode':'container:p','Links':['l:alias'],'Annotations':{'io.berth.secret.pw':''}}";
        assertThat(check(
                        ("{'Image':'a','HostConfig':" + host + ",'NetworkingConfig':{'EndpointsConfig':{'second':{}}}}")
                                .replace('\'', '"')))
                .extracting(reference -> reference.kind() + " " + reference.name())
                .containsExactlyInAnyOrder(
                        "IMAGE a",
                        "IMAGE b",
                        "VOLUME data",
                        "VOLUME more",
                        "CONTAINER c",
                        "NETWORK net",
                        "CONTAINER p",
                        "CONTAINER l",
                        "SECRET pw",
                        "NETWORK second");
    }

    @Test
    void whatTheStockClientSendsPasses() {
        assertThat(check("""
                {"Hostname":"","Domainname":"","User":"","AttachStdin":false,"AttachStdout":true,"AttachStderr":true,"Tty":false,
                "OpenStdin":false,"StdinOnce":false,"Env":null,"Cmd":["true"],"Image":"debian","Volumes":{},"WorkingDir":"",
                "Entrypoint":null,"OnBuild":null,"Labels":{},"HostConfig":{"Binds":null,"ContainerIDFile":"","LogConfig":{"Type":"",
                "Config":{}},"NetworkMode":"default","PortBindings":{"80/tcp":[{"HostIp":"","HostPort":"8080"}]},"RestartPolicy":
                {"Name":"no","MaximumRetryCount":0},"AutoRemove":true,"VolumeDriver":"","VolumesFrom":null,"ConsoleSize":[0,0],
                "CapAdd":null,"CapDrop":null,"CgroupnsMode":"","Dns":[],"DnsOptions":[],"DnsSearch":[],"ExtraHosts":null,
                "GroupAdd":null,"IpcMode":"","Cgroup":"","Links":null,"OomScoreAdj":0,"PidMode":"","Privileged":false,
                "PublishAllPorts":false,"ReadonlyRootfs":false,"SecurityOpt":null,"UTSMode":"","UsernsMode":"","ShmSize":0,
                "Isolation":"","CpuShares":0,"Memory":0,"NanoCpus":0,"CgroupParent":"","BlkioWeight":0,"BlkioWeightDevice":[],
                "BlkioDeviceReadBps":[],"BlkioDeviceWriteBps":[],"BlkioDeviceReadIOps":[],"BlkioDeviceWriteIOps":[],"CpuPeriod":0,
                "CpuQuota":0,"CpuRealtimePeriod":0,"CpuRealtimeRuntime":0,"CpusetCpus":"","CpusetMems":"","Devices":[],
                "DeviceCgroupRules":null,"DeviceRequests":null,"MemoryReservation":0,"MemorySwap":0,"MemorySwappiness":-1,
                "OomKillDisable":false,"PidsLimit":0,"Ulimits":[],"CpuCount":0,"CpuPercent":0,"IOMaximumIOps":0,
                "IOMaximumBandwidth":0,"MaskedPaths":null,"ReadonlyPaths":null},"NetworkingConfig":{"EndpointsConfig":{"default":
                {"IPAMConfig":null,"Links":null,"Aliases":null,"MacAddress":"","DriverOpts":null,"GwPriority":0,"NetworkID":"",
                "EndpointID":"","Gateway":"","IPAddress":"","IPPrefixLen":0,"IPv6Gateway":"","GlobalIPv6Address":"",
                "GlobalIPv6PrefixLen":0,"DNSNames":null}}}}
                """)).extracting(Reference::name).containsExactly("debian");
    }

    @Test
    void anOperatorAllowsMore() {
        Policy policy = new Policy(
                Set.of("/srv/shop"),
                Set.of("cap_net_admin"),
                Set.of("net.core.somaxconn"),
                Set.of("/dev/fuse"),
                80,
                true);
        String host = "{'Binds':['/srv/shop:/data'],'CapAdd':['NET_ADMIN'],'Sysctls':{'net.core.somaxconn':'9'},"
                + "'Devices':[{'PathOnHost':'/dev/fuse'}],'PortBindings':{'80/tcp':[{'HostPort':'80'}]},'NetworkMode':'host'}";
        new ContainerPolicy("shop", policy).create(parse(("{'HostConfig':" + host + "}").replace('\'', '"')));
        for (String path : List.of("/srv/shop/below", "/srv/shop/../other", "/srv/shop/", "/srv", "//srv/shop")) {
            assertThatThrownBy(() -> new ContainerPolicy("shop", policy)
                            .create(parse("{\"HostConfig\":{\"Binds\":[\"" + path + ":/data\"]}}")))
                    .as(path)
                    .isInstanceOf(Refused.class);
        }
    }

    @Test
    void anUpdateChangesLimitsOnly() {
        ContainerPolicy policy = new ContainerPolicy("shop", Policy.STRICTEST);
        policy.update(parse("{\"memory\":67108864,\"RestartPolicy\":{\"Name\":\"always\"},\"Devices\":[]}"));
        assertThatThrownBy(() -> policy.update(parse("{\"Devices\":[{\"PathOnHost\":\"/dev/sda\"}]}")))
                .isInstanceOf(Refused.class);
    }

    @Test
    void policiesAreCheckedWhenTheyAreMade() {
        assertThatThrownBy(() -> new Policy(Set.of("/srv/../etc"), null, null, null, null, null))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Policy.parse("{\"hostPath\":[]}")).isInstanceOf(IllegalArgumentException.class);
        assertThat(Policy.parse("").allowsPort(1023)).isFalse();
    }
}
