package io.berth.image.transfer;

import io.berth.image.caller.Caller;
import io.berth.image.caller.CallerDestinations;
import io.berth.image.caller.CallerLeases;
import io.berth.image.content.ContentStore;
import io.berth.image.layer.LayerStore;
import io.berth.image.lease.Leases;
import io.berth.image.store.ImageIndexes;
import io.berth.image.store.ImageStore;
import io.berth.image.store.PlatformImages;
import io.berth.image.store.WholeIndexes;
import io.berth.registryclient.OwnRegistries;
import io.berth.registryclient.RegistryClients;
import io.berth.registryclient.TransferLimits;
import io.berth.registryclient.signature.SignatureVerification;
import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class TransferConfiguration {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    @Bean(destroyMethod = "close")
    RegistryClients registryClients(TransferProperties properties, OwnRegistries own, CallerDestinations destinations) {
        return new RegistryClients(
                properties.insecureRegistries(),
                properties.mirrorRules(),
                properties.certificateDirectory(),
                new TransferLimits(
                        properties.transferAttempts(),
                        FIRST_PAUSE,
                        LONGEST_PAUSE,
                        properties.connectTimeout(),
                        properties.transferSilence()),
                identity -> destinations.of(Caller.of(identity)),
                own);
    }

    @Bean
    ImagePuller imagePuller(
            RegistryClients clients,
            ContentStore content,
            LayerStore layers,
            ImageStore images,
            ImageIndexes indexes,
            PlatformImages platformImages,
            CallerLeases leases,
            TransferProperties properties) {
        return new ImagePuller(
                clients,
                leases,
                images,
                platformImages,
                new SignatureVerification(properties.signatureRules()),
                new ImageDownload(content, layers, images, indexes, properties.maxConcurrentDownloads()));
    }

    @Bean
    ImagePusher imagePusher(
            RegistryClients clients,
            ContentStore content,
            LayerStore layers,
            ImageStore images,
            PlatformImages platformImages,
            Leases leases,
            WholeIndexes wholeIndexes,
            TransferProperties properties) {
        return new ImagePusher(
                clients,
                leases,
                images,
                platformImages,
                new ImageUpload(content, layers, images, wholeIndexes, properties.maxConcurrentUploads()));
    }

    @Bean
    LooseImages looseImages(
            RegistryClients clients,
            ContentStore content,
            LayerStore layers,
            ImageStore images,
            ImageIndexes indexes,
            WholeIndexes wholeIndexes,
            TransferProperties properties) {
        return new LooseImages(
                clients,
                content,
                new ImageDownload(content, layers, images, indexes, properties.maxConcurrentDownloads()),
                new ImageUpload(content, layers, images, wholeIndexes, properties.maxConcurrentUploads()));
    }

    @Bean
    ImageSearch imageSearch(RegistryClients clients, TransferProperties properties) {
        return new ImageSearch(clients, properties.searchRegistry());
    }
}
