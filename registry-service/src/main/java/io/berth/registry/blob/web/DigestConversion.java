package io.berth.registry.blob.web;

import io.berth.oci.Digest;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import org.springframework.context.annotation.Configuration;
import org.springframework.format.FormatterRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Lets controllers take a {@link Digest}; anything else than a complete one is DIGEST_INVALID. */
@Configuration(proxyBeanMethods = false)
class DigestConversion implements WebMvcConfigurer {
    @Override
    public void addFormatters(FormatterRegistry registry) {
        registry.addConverter(String.class, Digest.class, DigestConversion::convert);
    }

    private static Digest convert(String text) {
        try {
            return Digest.parse(text);
        } catch (IllegalArgumentException e) {
            throw RegistryException.of(ErrorCode.DIGEST_INVALID, "invalid digest");
        }
    }
}
