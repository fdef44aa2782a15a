package io.berth.registry.limit;

import java.util.List;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.stereotype.Component;

/**
 * How full quotas are, for the operator, at {@code /actuator/quotas}; the gateway leads nobody there.
 *
 * <pre>[{"prefix": "team", "bytes": 1048576, "bytesLimit": 10737418240, "manifests": 3}]</pre>
 */
@Component
@Endpoint(id = "quotas")
class QuotasEndpoint {
    private final Quotas quotas;

    QuotasEndpoint(Quotas quotas) {
        this.quotas = quotas;
    }

    @ReadOperation
    List<Quotas.Usage> list() {
        return quotas.usage();
    }
}
