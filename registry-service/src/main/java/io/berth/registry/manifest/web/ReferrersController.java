package io.berth.registry.manifest.web;

import io.berth.oci.Digest;
import io.berth.oci.Index;
import io.berth.oci.MediaType;
import io.berth.oci.OciJson;
import io.berth.registry.manifest.Referrers;
import io.berth.registry.repository.Page;
import io.berth.registry.repository.RepositoryName;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Listing referrers (distribution specification, "Listing Referrers"). */
@RestController
final class ReferrersController {
    private final Referrers referrers;

    ReferrersController(Referrers referrers) {
        this.referrers = referrers;
    }

    /** An index of the manifests whose subject is the digest; an empty one, never 404, when there is none. */
    @GetMapping("/v2/{name}/referrers/{digest}")
    ResponseEntity<byte[]> list(
            @PathVariable RepositoryName name,
            @PathVariable Digest digest,
            @RequestParam(defaultValue = "") String artifactType,
            @RequestParam(defaultValue = "") String last)
            throws IOException {
        Page.requirePrintable("artifactType", artifactType);
        Page.requirePrintable("last", last);
        Referrers.Page page = referrers.of(name, digest, artifactType, last);
        ResponseEntity.BodyBuilder response = ResponseEntity.ok();
        response.header(HttpHeaders.CONTENT_TYPE, MediaType.OCI_INDEX);
        String filter = "";
        if (!artifactType.isEmpty()) {
            response.header("OCI-Filters-Applied", "artifactType");
            filter = "artifactType=" + URLEncoder.encode(artifactType, StandardCharsets.UTF_8) + "&";
        }
        String base = "/v2/" + name + "/referrers/" + digest + "?" + filter + "last=";
        page.next().ifPresent(next -> response.header(HttpHeaders.LINK, "<" + base + next + ">; rel=\"next\""));
        Index index = new Index(2, MediaType.OCI_INDEX, null, page.descriptors(), null, null);
        return response.body(OciJson.MAPPER.writeValueAsBytes(index));
    }
}
