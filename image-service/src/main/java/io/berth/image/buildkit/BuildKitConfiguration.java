package io.berth.image.buildkit;

import io.berth.buildkit.Builder;
import io.berth.buildkit.transfer.ReceivedTrees;
import io.berth.buildkit.transfer.TransferLimits;
import io.berth.image.data.DataDirectory;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class BuildKitConfiguration {
    @Bean(destroyMethod = "close")
    ReceivedTrees receivedTrees(DataDirectory data) {
        return new ReceivedTrees(data.contexts(), TransferLimits.DEFAULT, Clock.systemUTC());
    }

    @Bean(destroyMethod = "close")
    BuildKitDoor buildKitDoor(ObjectProvider<Builder> builder, ReceivedTrees trees) {
        return new BuildKitDoor(builder, trees);
    }
}
