package io.berth.registry.repository.web;

import io.berth.registry.repository.RepositoryName;
import org.springframework.context.annotation.Configuration;
import org.springframework.format.FormatterRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Lets controllers take a {@link RepositoryName}. */
@Configuration(proxyBeanMethods = false)
class NameConversion implements WebMvcConfigurer {
    @Override
    public void addFormatters(FormatterRegistry registry) {
        registry.addConverter(String.class, RepositoryName.class, RepositoryName::new);
    }
}
