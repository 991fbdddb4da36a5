/** All keys that work on the page in view. */

import { Kbd, Modal } from "@mantine/core";
import { Fragment, useState } from "react";

import styles from "./Frame.module.css";
import { boundKeys } from "./keys";

export function KeysHelp({ onClose }: { onClose: () => void }) {
  const [bindings] = useState(boundKeys);
  return (
    <Modal opened onClose={onClose} title="Keys" size={420} lockScroll={false} transitionProps={{ duration: 0 }} shadow="none" overlayProps={{ backgroundOpacity: 0.35 }} closeButtonProps={{ "aria-label": "Close" }}>
      <dl className={styles.keyTable}>
        {bindings.map((binding) => (
          <Fragment key={binding.keys}>
            <dt>
              {binding.keys.split(/[ +]/).map((key) => (
                <Kbd key={key} mr={4}>
                  {key === "mod" ? "Ctrl" : key}
                </Kbd>
              ))}
            </dt>
            <dd>{binding.does}</dd>
          </Fragment>
        ))}
      </dl>
    </Modal>
  );
}
