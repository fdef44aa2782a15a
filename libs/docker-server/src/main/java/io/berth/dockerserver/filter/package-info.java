/** Filters of list, prune and event requests, and times in queries, as Docker reads them. */
@NullMarked
package io.berth.dockerserver.filter;

import org.jspecify.annotations.NullMarked;
