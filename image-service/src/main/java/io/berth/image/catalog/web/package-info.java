/** Image list, inspect, history and tag. */
@NullMarked
package io.berth.image.catalog.web;

import org.jspecify.annotations.NullMarked;
