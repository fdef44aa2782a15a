package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.ContainerFiles;
import io.berth.engine.runtime.ContainerRuntime;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Runs containers by native kernel calls. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(RuntimeProperties.class)
class KernelRuntimeConfiguration {
    @Bean(destroyMethod = "close")
    ContainerRuntime containerRuntime(RuntimeProperties properties) {
        return KernelContainerRuntime.open(properties.dataDir());
    }

    @Bean
    ContainerFiles containerFiles(RuntimeProperties properties) {
        return new KernelContainerFiles(properties.dataDir());
    }
}
