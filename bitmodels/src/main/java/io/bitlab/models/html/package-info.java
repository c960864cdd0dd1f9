/**
 * What the HTML pages of reports share: a style for light and dark screens, and small charts. Not exported, and free to
 * change in any version.
 */
package io.bitlab.models.html;
