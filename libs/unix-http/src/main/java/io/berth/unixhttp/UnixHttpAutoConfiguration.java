package io.berth.unixhttp;

import io.berth.json.Bounds;
import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Scope;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import tools.jackson.databind.json.JsonMapper;

/** Puts a service on its Unix socket and behind the platform credential. */
@AutoConfiguration(before = JacksonAutoConfiguration.class)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@EnableConfigurationProperties({UnixHttpProperties.class, TracingProperties.class})
public class UnixHttpAutoConfiguration {
    static {
        // Spring's clients make mappers of their own, for answers of the platform's services.
        Bounds.OWN.becomeDefaults();
    }

    /** What Spring reads and writes bodies with. */
    @Bean
    @Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
    JsonMapper.Builder jsonMapperBuilder(List<JsonMapperBuilderCustomizer> customizers) {
        JsonMapper.Builder builder = Bounds.REQUEST.mapper();
        customizers.forEach(customizer -> customizer.customize(builder));
        return builder;
    }

    @Bean(initMethod = "begin", destroyMethod = "close")
    HeapWatch heapWatch() {
        return HeapWatch.ofProcess();
    }

    @Bean
    OutOfMemoryResolver outOfMemoryResolver(HeapWatch watch) {
        return new OutOfMemoryResolver(watch);
    }

    @Bean
    FilterRegistrationBean<RequestBodies> requestBodies() {
        FilterRegistrationBean<RequestBodies> registration = new FilterRegistrationBean<>(new RequestBodies());
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 1);
        registration.setAsyncSupported(true);
        return registration;
    }

    @Bean
    PlatformKey platformKey(UnixHttpProperties properties) {
        return PlatformKey.read(properties.platformKeyFile());
    }

    @Bean
    UnixSocketConnector unixSocketConnector(UnixHttpProperties properties) {
        return new UnixSocketConnector(properties.socket(), properties.port());
    }

    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> connectionAccess() {
        return factory -> factory.addContextValves(new ConnectionValve());
    }

    @Bean
    FilterRegistrationBean<PlatformKeyFilter> platformKeyFilter(PlatformKey key) {
        FilterRegistrationBean<PlatformKeyFilter> registration =
                new FilterRegistrationBean<>(new PlatformKeyFilter(key));
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
        registration.setAsyncSupported(true);
        return registration;
    }

    @Bean
    Spans spans(TracingProperties properties, Environment environment) {
        String standard = environment.getProperty("OTEL_EXPORTER_OTLP_ENDPOINT", "");
        return new Spans(service(environment), properties.traces(standard), properties.sample());
    }

    @Bean
    InfoContributor serviceInfo(Environment environment, ObjectProvider<ServiceDetails> details) {
        return new ServiceInfo(service(environment), details.getIfAvailable(() -> new ServiceDetails(Map.of())));
    }

    private static String service(Environment environment) {
        return environment.getProperty("spring.application.name", "berth");
    }

    @Bean
    FilterRegistrationBean<RequestIdFilter> requestIdFilter(Spans spans) {
        FilterRegistrationBean<RequestIdFilter> registration = new FilterRegistrationBean<>(new RequestIdFilter(spans));
        // Behind the one that lets in the platform's own services only.
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 1);
        registration.setAsyncSupported(true);
        return registration;
    }
}
