package io.berth.engine.kept;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What is kept of definitions.
 *
 * @param memory that all of them may take of the heap; zero for a quarter of the largest heap
 */
@ConfigurationProperties("berth.engine.definitions")
record KeptProperties(@DefaultValue("0") DataSize memory) {
    KeptProperties {
        if (memory.isNegative()) {
            throw new IllegalArgumentException("berth.engine.definitions.memory: " + memory + " (expected: 0 or more)");
        }
    }

    long bytes() {
        return memory.toBytes() == 0 ? Runtime.getRuntime().maxMemory() / 4 : memory.toBytes();
    }
}
