package io.berth.image.transfer;

import io.berth.image.content.ContentStore;
import io.berth.image.layer.LayerStore;
import io.berth.image.lease.Leases;
import io.berth.image.store.ImageStore;
import io.berth.image.transfer.registry.RegistryClients;
import io.berth.image.transfer.registry.TransferLimits;
import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class TransferConfiguration {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    @Bean(destroyMethod = "close")
    RegistryClients registryClients(TransferProperties properties) {
        return new RegistryClients(
                properties.insecureRegistries(),
                new TransferLimits(
                        properties.transferAttempts(),
                        FIRST_PAUSE,
                        LONGEST_PAUSE,
                        properties.connectTimeout(),
                        properties.transferSilence()));
    }

    @Bean
    ImagePuller imagePuller(
            RegistryClients clients,
            ContentStore content,
            LayerStore layers,
            ImageStore images,
            Leases leases,
            TransferProperties properties) {
        return new ImagePuller(
                clients,
                leases,
                images,
                new ImageDownload(content, layers, images, properties.maxConcurrentDownloads()));
    }

    @Bean
    ImagePusher imagePusher(
            RegistryClients clients,
            ContentStore content,
            LayerStore layers,
            ImageStore images,
            Leases leases,
            TransferProperties properties) {
        return new ImagePusher(
                clients, leases, images, new ImageUpload(content, layers, images, properties.maxConcurrentUploads()));
    }
}
