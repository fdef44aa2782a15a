package io.berth.unixhttp;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;

/** Puts a service on its Unix socket and behind the platform credential. */
@AutoConfiguration
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@EnableConfigurationProperties(UnixHttpProperties.class)
public class UnixHttpAutoConfiguration {
    @Bean
    PlatformKey platformKey(UnixHttpProperties properties) {
        return PlatformKey.read(properties.platformKeyFile());
    }

    @Bean
    UnixSocketConnector unixSocketConnector(UnixHttpProperties properties) {
        return new UnixSocketConnector(properties.socket());
    }

    @Bean
    FilterRegistrationBean<PlatformKeyFilter> platformKeyFilter(PlatformKey key) {
        FilterRegistrationBean<PlatformKeyFilter> registration =
                new FilterRegistrationBean<>(new PlatformKeyFilter(key));
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
        registration.setAsyncSupported(true);
        return registration;
    }
}
