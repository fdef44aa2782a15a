package io.berth.image.build;

import io.berth.image.cache.BuildCache;
import io.berth.image.cache.CacheMounts;
import io.berth.image.caller.CallerLeases;
import io.berth.image.content.ContentStore;
import io.berth.image.data.DataDirectory;
import io.berth.image.layer.LayerStore;
import io.berth.image.store.ImageStore;
import org.springframework.stereotype.Component;

/** What every build works with. */
@Component
record BuildTools(
        ImageStore images,
        LayerStore layers,
        ContentStore content,
        CallerLeases leases,
        BuildCache cache,
        CacheMounts cacheMounts,
        BuildSteps steps,
        BaseImages baseImages,
        FileDigests fileDigests,
        CacheExchange exchange,
        RemoteSources sources,
        DataDirectory data) {}
