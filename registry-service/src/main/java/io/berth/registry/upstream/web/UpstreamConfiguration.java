package io.berth.registry.upstream.web;

import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

@Configuration(proxyBeanMethods = false)
class UpstreamConfiguration implements WebMvcConfigurer {
    private final UpstreamInterceptor interceptor;

    UpstreamConfiguration(UpstreamInterceptor interceptor) {
        this.interceptor = interceptor;
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(interceptor).addPathPatterns("/v2/**");
    }
}
