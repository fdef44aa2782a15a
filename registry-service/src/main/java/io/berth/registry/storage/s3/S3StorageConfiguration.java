package io.berth.registry.storage.s3;

import io.berth.registry.durability.DurableTransactions;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

@Configuration(proxyBeanMethods = false)
class S3StorageConfiguration {
    @Bean
    S3Storage s3Storage(
            StorageProperties storage, S3Properties properties, JdbcClient database, DurableTransactions transactions) {
        return storage.storage() == StorageProperties.Kind.S3
                ? S3Storage.of(properties, database, transactions)
                : S3Storage.unused();
    }
}
