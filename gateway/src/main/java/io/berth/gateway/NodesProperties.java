package io.berth.gateway;

import io.berth.gateway.node.NodeSpec;
import io.berth.gateway.node.Strategy;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.PositiveOrZero;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of nodes, below {@code berth.gateway}.
 *
 * @param runDir where the platform's own engine and image service listen
 * @param dataDir keeps {@code nodes.json}, the nodes that are added at run time; the run directory when not set
 * @param localNode how the platform's own pair is called and labelled
 * @param nodes further pairs
 * @param placement which of the nodes that could take a container gets it
 * @param nodePatience how long a node may be silent, twice, before it is lost
 */
@Validated
@ConfigurationProperties("berth.gateway")
record NodesProperties(
        @NotNull Path runDir,
        @Nullable Path dataDir,
        @DefaultValue @Valid Local localNode,
        @DefaultValue @Valid List<Further> nodes,
        @DefaultValue("spread") @NotNull Strategy placement,

        @DefaultValue("3s") @NotNull @DurationMin(millis = 100)
        Duration nodePatience) {
    NodesProperties {
        nodes = List.copyOf(nodes);
    }

    /** The file of the nodes that are added at run time. */
    Path file() {
        return (dataDir == null ? runDir : dataDir).resolve("nodes.json");
    }

    /**
     * The platform's own node.
     *
     * @param name unique among nodes
     * @param labels for constraints
     * @param cpus processors that containers may reserve, 0 for no limit
     * @param memory that containers may reserve, 0 for no limit
     */
    record Local(
            @DefaultValue("local") @NotBlank String name,
            @DefaultValue Map<String, String> labels,
            @DefaultValue("0") @PositiveOrZero double cpus,
            @DefaultValue("0") @NotNull DataSize memory) {
        Local {
            labels = Map.copyOf(labels);
        }

        NodeSpec spec(Path engine, Path image) {
            return new NodeSpec(name, engine, image, null, labels, cpus, memory.toBytes());
        }
    }

    /**
     * Another node.
     *
     * @param name unique among nodes
     * @param engine absolute path of its engine's Unix socket
     * @param image of its image service's
     * @param keyFile with the credential that they ask for; the platform's own when not set
     * @param labels for constraints
     * @param cpus processors that containers may reserve, 0 for no limit
     * @param memory that containers may reserve, 0 for no limit
     */
    record Further(
            @NotBlank String name,
            @NotNull Path engine,
            @NotNull Path image,
            @Nullable Path keyFile,
            @DefaultValue Map<String, String> labels,
            @DefaultValue("0") @PositiveOrZero double cpus,
            @DefaultValue("0") @NotNull DataSize memory) {
        Further {
            labels = Map.copyOf(labels);
        }

        NodeSpec spec() {
            return new NodeSpec(name, engine, image, keyFile, labels, cpus, memory.toBytes());
        }
    }
}
