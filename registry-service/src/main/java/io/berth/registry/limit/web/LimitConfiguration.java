package io.berth.registry.limit.web;

import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

@Configuration(proxyBeanMethods = false)
class LimitConfiguration implements WebMvcConfigurer {
    private final DeletionInterceptor deletion;

    LimitConfiguration(DeletionInterceptor deletion) {
        this.deletion = deletion;
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(deletion).addPathPatterns(DeletionInterceptor.PATHS);
    }
}
