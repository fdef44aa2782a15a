package io.berth.registry;

import io.berth.unixhttp.ServiceDetails;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.Bean;

/** The registry service. It listens on a Unix socket and answers only callers that carry the platform credential. */
@SpringBootApplication(proxyBeanMethods = false)
@ConfigurationPropertiesScan
public class RegistryServiceApplication {
    public static void main(String[] arguments) {
        SpringApplication.run(RegistryServiceApplication.class, arguments);
    }

    @Bean
    static ServiceDetails serviceDetails() {
        return new ServiceDetails(Map.of("Distribution", "1.1"));
    }
}
