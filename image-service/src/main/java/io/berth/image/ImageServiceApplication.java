package io.berth.image;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** image-service: content store, image metadata and unpacked layers of one node. */
@SpringBootApplication(proxyBeanMethods = false)
@ConfigurationPropertiesScan
public class ImageServiceApplication {
    public static void main(String[] arguments) {
        SpringApplication.run(ImageServiceApplication.class, arguments);
    }
}
