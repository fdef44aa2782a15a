package io.berth.registry.error.web;

import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.core.Ordered;
import org.springframework.stereotype.Component;

/** Installs the JSON error valve inside Boot's own, so that it reports first. */
@Component
final class TomcatErrorPages implements WebServerFactoryCustomizer<TomcatServletWebServerFactory>, Ordered {
    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        factory.addContextCustomizers(
                context -> context.getParent().getPipeline().addValve(new JsonErrorReportValve()));
        // Bodies are content, never forms: nothing may consume one while looking for a parameter.
        factory.addConnectorCustomizers(connector -> connector.setParseBodyMethods(""));
    }

    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }
}
