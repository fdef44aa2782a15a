/** Image list, inspect, history and tag. */
@NullMarked
package io.berth.image.store.web;

import org.jspecify.annotations.NullMarked;
