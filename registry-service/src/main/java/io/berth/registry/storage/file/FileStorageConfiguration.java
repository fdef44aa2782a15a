package io.berth.registry.storage.file;

import io.berth.registry.durability.DataDirectory;
import io.berth.registry.storage.ContentStorage;
import io.berth.registry.storage.RemoteStorage;
import io.berth.registry.storage.UploadStorage;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Files, unless another storage is set. Chosen when the process starts: conditions would be asked when it is built. */
@Configuration(proxyBeanMethods = false)
class FileStorageConfiguration {
    @Bean
    ContentStorage contentStorage(DataDirectory directory, RemoteStorage remote) {
        return remote.contents().orElseGet(() -> new FileContentStorage(directory));
    }

    @Bean
    UploadStorage uploadStorage(DataDirectory directory, RemoteStorage remote, ContentStorage contents) {
        return remote.uploads().orElseGet(() -> new FileUploadStorage(directory, (FileContentStorage) contents));
    }
}
